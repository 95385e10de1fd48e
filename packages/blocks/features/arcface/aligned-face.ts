import { adaptiveAveragePool2d, UserError } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** The face in an aligned image of 256 pixels: what is cut off at each side (GPEN:training/loss/id_loss.py). */
const MARGINS = { of: 256, top: 35, bottom: 33, left: 32, right: 36 };

/** Smallest side of which something is left. */
export const LEAST_SIDE = 4;

/**
 * The face in images aligned as those of FFHQ (NHWC, [0, 1]), in [-1, 1], pooled to `side`. The margins are the official ones where an image's
 * side is a multiple of 256, and in proportion elsewhere (the official code has no crop below 256). Errors: `UserError` for an image that is no square.
 * @param who takes it, for display
 */
export function alignedFace(image: Tensor4D, side: number, who: string): Tensor4D {
  const [batch, height, width] = image.shape;
  if (height !== width) {
    throw new UserError(`${who} takes square images of aligned faces, but these are ${width}x${height}.`);
  }
  const part = (margin: number) => Math.round((margin * height) / MARGINS.of);
  const [top, left] = [part(MARGINS.top), part(MARGINS.left)];
  const size = [height - top - part(MARGINS.bottom), width - left - part(MARGINS.right)] as const;
  const face = tf.slice(image, [0, top, left, 0], [batch, ...size, 3]);
  return adaptiveAveragePool2d(tf.sub(tf.mul(face, 2), 1), side, side);
}
