import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';

/**
 * Images (NHWC) of twice the size by bilinear interpolation with half-pixel centres (`torch.nn.functional.interpolate`, scale 2,
 * `align_corners=False`): each pixel becomes two, each three parts itself and one part the neighbour on its side, edges repeated.
 */
export function doubleBilinear(x: Tensor4D): Tensor4D {
  return doubled(doubled(x, 1), 2);
}

function doubled(x: Tensor4D, axis: 1 | 2): Tensor4D {
  const length = x.shape[axis];
  const part = (begin: number, size: number): Tensor4D => {
    const [begins, sizes] = [[0, 0, 0, 0], [...x.shape]];
    begins[axis] = begin;
    sizes[axis] = size;
    return tf.slice(x, begins as Tensor4D['shape'], sizes as Tensor4D['shape']);
  };
  const [first, last] = [part(0, 1), part(length - 1, 1)];
  const [before, after] =
    length === 1
      ? [first, last]
      : [tf.concat([first, part(0, length - 1)], axis), tf.concat([part(1, length - 1), last], axis)];
  const own = tf.mul(x, 0.75);
  const pairs: Tensor = tf.stack([tf.add(own, tf.mul(before, 0.25)), tf.add(own, tf.mul(after, 0.25))], axis + 1);
  const shape: Tensor4D['shape'] = [...x.shape];
  shape[axis] = 2 * length;
  return tf.reshape(pairs, shape);
}
