import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';

/** Names of TensorFlow's operations; an engine registers kernels of these names. */
export const REAL_FOURIER = 'RFFT2D';
export const INVERSE_REAL_FOURIER = 'IRFFT2D';

/**
 * Convolution (the kernel is turned over) of each channel of an image (HWC) with one kernel (rows, columns), where the kernel lies within the image:
 * the result has `rows - 1` rows and `columns - 1` columns less. By the convolution theorem, so its cost does not depend on the size of the kernel. In float32:
 * numbers differ from those of a sum over taps by some 1e-6 of the largest. It has no gradient.
 */
export function fourierConvolution(image: Tensor3D, kernel: Tensor2D): Tensor3D {
  return tf.tidy(() => {
    const [height, width, channels] = image.shape;
    const [rows, columns] = kernel.shape;
    const size = [quickLength(height), quickLength(width)];
    const frequencies = tf.mul(transformed(tf.transpose(image, [2, 0, 1]), size), transformed(kernel, size));
    const circular = tf.engine().runKernel<Tensor3D>(INVERSE_REAL_FOURIER, { frequencies }, { size });
    const begin: [number, number, number] = [0, rows - 1, columns - 1]; // what lies before wraps around
    const valid = tf.slice(circular, begin, [channels, height - rows + 1, width - columns + 1]);
    return tf.transpose(valid, [1, 2, 0]);
  });
}

/** The Fourier transform over the last two axes, of this size: what is missing is zero. */
function transformed(values: Tensor, size: readonly number[]): Tensor {
  const before = values.rank - size.length;
  const missing = values.shape.map((length, axis): [number, number] => [
    0,
    axis < before ? 0 : size[axis - before]! - length,
  ]);
  return tf.engine().runKernel(REAL_FOURIER, { values: tf.pad(values, missing) }, { size: [...size] });
}

/** The least even length from this one on that has no prime factor above 5, for which transforms are quick. */
export function quickLength(least: number): number {
  for (let length = least + (least % 2); ; length += 2) {
    let rest = length;
    for (const factor of [2, 3, 5]) while (rest % factor === 0) rest /= factor;
    if (rest === 1) return length;
  }
}
