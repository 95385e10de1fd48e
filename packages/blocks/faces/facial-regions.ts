import { roiAlign } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { toSigned } from '../networks/images/signed-range.ts';
import { FACIAL_PARTS, perFacialPart, type FacialPart, type PerFacialPart } from './facial-parts.ts';

/** Sides of the parts in a face of 512 pixels (GFPGAN:gfpgan/models/gfpgan_model.py, get_roi_regions). */
const SIDES: PerFacialPart<number> = { left_eye: 80, right_eye: 80, mouth: 120 };
const OF = 512;

/** Smallest side of a face whose parts a discriminator can judge. */
export const SMALLEST_FACE = 32;

/** Side of the image of a part, of a face of `side` pixels. */
function regionSide(part: FacialPart, side: number): number {
  return Math.round((SIDES[part] * side) / OF);
}

/**
 * The parts of faces (N, S, S, 3) in [0, 1], each as images in [-1, 1] of its own size, cut out by `roiAlign`.
 * @param boxes (N, 3, 4): of each part, in the order of `FACIAL_PARTS`, in pixels (`FacialLandmarks.boxes`)
 */
export function facialRegions(faces: Tensor4D, boxes: Tensor3D): PerFacialPart<Tensor4D> {
  const [batch, side] = faces.shape;
  const signed = toSigned(faces);
  const each = tf.split(boxes, FACIAL_PARTS.length, 1).map((box) => tf.reshape(box, [batch, 4]) as Tensor2D);
  return perFacialPart((part, i) => roiAlign(signed, each[i]!, regionSide(part, side)));
}
