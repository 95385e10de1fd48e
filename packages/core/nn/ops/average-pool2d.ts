import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { depthwiseConv2d } from './conv2d.ts';

interface PoolGeometry {
  /** Side of the square window. */
  readonly kernel: number;
  /** Default: the kernel. */
  readonly stride?: number;
  /** Zeros on each side, which count as pixels. Default 0. */
  readonly padding?: number;
}

/** `torch.nn.AvgPool2d` on NHWC, as a convolution, so that it has gradients of any order (TensorFlow.js's own has the first only). */
export function averagePool2d(x: Tensor4D, { kernel, stride = kernel, padding = 0 }: PoolGeometry): Tensor4D {
  const filter = tf.fill<tf.Rank.R4>([kernel, kernel, x.shape[3], 1], 1 / kernel ** 2);
  return depthwiseConv2d(x, filter, { stride, padding });
}
