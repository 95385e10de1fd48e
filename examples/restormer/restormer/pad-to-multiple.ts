import { UserError } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/**
 * Images (NHWC) with sides that are multiples of so many pixels: where they are not, the last rows and columns are mirrored at the border, which
 * itself is not repeated (`torch.nn.functional.pad` with `reflect`). Errors: `UserError` for a side that is too short to be mirrored.
 */
export function padToMultiple(image: Tensor4D, multiple: number): Tensor4D {
  return mirrored(mirrored(image, 1, multiple), 2, multiple);
}

function mirrored(image: Tensor4D, axis: 1 | 2, multiple: number): Tensor4D {
  const length = image.shape[axis];
  const missing = (multiple - (length % multiple)) % multiple;
  if (missing === 0) return image;
  if (missing >= length) {
    throw new UserError(
      `restormer: an image has a side of ${length} pixels, too few to be filled up to ${length + missing}; ${multiple} are enough.`,
    );
  }
  const begin = [0, 0, 0, 0];
  const size: [number, number, number, number] = [...image.shape];
  begin[axis] = length - 1 - missing;
  size[axis] = missing;
  const border = tf.reverse(tf.slice(image, begin as [number, number, number, number], size), axis);
  return tf.concat([image, border], axis);
}
