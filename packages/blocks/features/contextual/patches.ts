import { UserError } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** Squares of one side that cover an image, the last of a row and column moved back where they would reach over the border. */
export interface Patches {
  /** Squares of the same place of all images together, one place after the other: (places * images, side, side, channels). */
  readonly images: Tensor4D;
  readonly places: number;
}

/** Cuts images (NHWC) into squares. Errors: `UserError` if the images are smaller than a square. */
export function patches(image: Tensor4D, side: number): Patches {
  const [count, height, width, channels] = image.shape;
  if (Math.min(height, width) < side) {
    throw new UserError(`A patch of ${side}x${side} pixels is larger than the image, which is ${width}x${height}.`);
  }
  const cut = starts(height, side).flatMap((top) =>
    starts(width, side).map((left): Tensor4D => tf.slice(image, [0, top, left, 0], [count, side, side, channels])),
  );
  return { images: cut.length === 1 ? cut[0]! : tf.concat(cut, 0), places: cut.length };
}

/** Where squares begin along an axis. */
export function starts(length: number, side: number): number[] {
  return Array.from({ length: Math.ceil(length / side) }, (_, i) => Math.min(i * side, length - side));
}
