import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { fixed } from '../fixed.ts';
import { separable } from './separable.ts';

/** How far the kernel reaches, in pixels of the larger of both images. */
const REACH = 2;
/** Keys's parameter, as Pillow has it. */
const A = -0.5;

/**
 * Bicubic interpolation of images (NHWC) with antialiasing, as Pillow's `resize` makes it of planes of floats (Pillow:src/libImaging/Resample.c):
 * where the image shrinks the kernel is as much wider, and beyond the border nothing counts. It overshoots: values are not cut off.
 */
export function resizeBicubic(x: Tensor4D, height: number, width: number): Tensor4D {
  return separable(x, interpolation(x.shape[1], height), interpolation(x.shape[2], width));
}

/** The matrix (to, from): row i holds what each pixel gives to the new pixel i. */
function interpolation(from: number, to: number): Tensor2D {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - REACH * stretch + 0.5));
    const last = Math.min(from, Math.trunc(centre + REACH * stretch + 0.5));
    const shares = Array.from({ length: last - first }, (_, k) => keys((first + k + 0.5 - centre) / stretch));
    const sum = shares.reduce((total, share) => total + share, 0);
    shares.forEach((share, k) => (matrix[i * from + first + k] = share / sum));
  }
  return fixed(() => tf.tensor2d(matrix, [to, from]));
}

/** The kernel of Keys (1981). */
function keys(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return ((A + 2) * x - (A + 3)) * x * x + 1;
  return x < 2 ? A * (((x - 5) * x + 8) * x - 4) : 0;
}
