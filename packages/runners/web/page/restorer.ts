import { UserError } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Method } from '../../methods/method.ts';
import { PartStep } from '../../restore/part-step.ts';
import { clipped, type Picture, type RestoredPicture } from '../../restore/picture.ts';
import { restorePicture, type Course, type PictureOptions } from '../../restore/restore-picture.ts';
import type { Step } from '../../restore/step.ts';
import { firstOverlap, leastTile, widestOverlap } from '../../restore/tiles.ts';

/**
 * Restores a picture with a method, in tiles as in Node.
 * @param side of the tiles, in pixels
 * Errors: `UserError` for a picture that is not of the size that the method takes, or a result that is not finite.
 */
export async function restoreWith(
  method: Method,
  picture: Picture,
  side: number,
  progress: PictureOptions['progress'],
): Promise<RestoredPicture & Course> {
  const { multiple, size } = method;
  const { width, height } = picture;
  if (size !== undefined && (width !== size || height !== size)) {
    throw new UserError(
      `This photograph has ${width} × ${height} pixels. The method restores aligned faces of ${size} × ${size} only; choose such a crop.`,
    );
  }
  const stride = method.stride ?? multiple;
  const tile = size ?? Math.max(side, leastTile(stride));
  return restorePicture(
    {
      whole: eager((image) => method.restore(image)),
      part: new PartStep((image) => method.restore(image), eager),
    },
    picture,
    {
      multiple,
      stride,
      tile: { width: tile, height: tile },
      overlap: Math.min(firstOverlap(stride), widestOverlap(tile, stride)),
      isOverlapFixed: false,
      signal: new AbortController().signal, // whoever has enough ends the worker
      progress,
    },
  );
}

/** Fractions as bytes. */
export function toBytes({ data }: RestoredPicture): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) bytes[i] = Math.round(255 * clipped(data[i]!));
  return bytes;
}

/** A step that runs operation by operation. */
function eager<Arguments extends readonly Tensor[], Results extends Tensor | readonly Tensor[]>(
  compute: (...values: Arguments) => Results,
): Step<Arguments, Results> {
  return { run: (...values) => tf.tidy(() => compute(...values) as tf.TensorContainer) as Results, dispose: () => {} };
}
