import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** Restores a batch: NHWC in [0, 1]; the result has its size. */
type Restore = (degraded: Tensor4D) => Tensor4D;

/** Restores images of any size: black pixels at the right and at the bottom make the sides multiples (NAFNet's `check_image_size`). */
export function padded(degraded: Tensor4D, multiple: number, restore: Restore): Tensor4D {
  const [count, height, width] = degraded.shape;
  const [bottom, right] = [height, width].map((side) => (multiple - (side % multiple)) % multiple) as [number, number];
  if (bottom === 0 && right === 0) return restore(degraded);
  const larger = tf.pad(degraded, [[0, 0], [0, bottom], [0, right], [0, 0]]); // prettier-ignore
  return tf.slice(restore(larger), [0, 0, 0, 0], [count, height, width, -1]);
}

/**
 * Restores an image in squares of this side one after the other, as evenly spread as their number allows, and takes the mean where they
 * overlap (HINet's and NAFNet's `grids`). A shorter side of the image is taken whole.
 */
export function inSquares(degraded: Tensor4D, side: number, restore: Restore): Tensor4D {
  const [count, height, width, channels] = degraded.shape;
  const [tall, wide] = [Math.min(side, height), Math.min(side, width)];
  const times = new Float32Array(height * width);
  const parts: Tensor4D[] = [];
  for (const top of startsOf(height, tall)) {
    for (const left of startsOf(width, wide)) {
      const part = restore(tf.slice(degraded, [0, top, left, 0], [count, tall, wide, channels]));
      const [below, beside] = [height - top - tall, width - left - wide];
      parts.push(tf.pad(part, [[0, 0], [top, below], [left, beside], [0, 0]])); // prettier-ignore
      for (let y = top; y < top + tall; y++) {
        for (let x = left; x < left + wide; x++) times[y * width + x]!++;
      }
    }
  }
  return tf.div(tf.addN(parts), tf.tensor4d(times, [1, height, width, 1]));
}

/** Where squares begin along a side: as few as cover it, at equal steps, the last one at its end. */
export function startsOf(length: number, side: number): number[] {
  const count = Math.ceil(length / side);
  const step = count === 1 ? side : Math.ceil((length - side) / (count - 1));
  return Array.from({ length: count }, (_, i) => Math.min(i * step, length - side));
}
