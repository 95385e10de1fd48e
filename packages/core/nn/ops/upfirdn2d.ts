import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { depthwiseConv2d } from './conv2d.ts';

export interface Resampling {
  /** Zeros are put between the pixels so that there are this many times as many. Default 1. */
  readonly up?: number;
  /** Every how manieth pixel of the result is kept, from the first. Default 1. */
  readonly down?: number;
  /** Zeros before (top, left) and after (bottom, right), after the insertion of zeros; negative ones crop. */
  readonly pad: readonly [number, number];
}

/**
 * Up-sampling, filtering and down-sampling of an image (NHWC) by a FIR filter (kh, kw), each channel alike: a true convolution, so the
 * filter is flipped (Karras et al. 2020; rosinality, stylegan2-pytorch:op/upfirdn2d.py). Has gradients of any order.
 */
export function upfirdn2d(x: Tensor4D, kernel: Tensor2D, { up = 1, down = 1, pad }: Resampling): Tensor4D {
  const channels = x.shape[3];
  const [kernelHeight, kernelWidth] = kernel.shape;
  const flipped: Tensor4D = tf.reshape(tf.reverse(kernel, [0, 1]), [kernelHeight, kernelWidth, 1, 1]);
  const filter: Tensor4D = tf.tile<Tensor4D>(flipped, [1, 1, channels, 1]);
  return depthwiseConv2d(padOrCrop(insertZeros(x, up), pad), filter, { stride: down, padding: 0 });
}

/** `factor - 1` zeros after each pixel, also after the last, along both axes. */
function insertZeros(x: Tensor4D, factor: number): Tensor4D {
  if (factor === 1) return x;
  const [batch, height, width, channels] = x.shape;
  const row = width * factor * channels;
  const none: [number, number] = [0, 0];
  const wider = tf.pad(x, [none, none, none, [0, (factor - 1) * channels]]);
  const higher = tf.pad(tf.reshape(wider, [batch, height, row]), [none, none, [0, (factor - 1) * row]]);
  return tf.reshape(higher, [batch, height * factor, width * factor, channels]);
}

function padOrCrop(x: Tensor4D, [before, after]: readonly [number, number]): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const border: [number, number] = [Math.max(before, 0), Math.max(after, 0)];
  const padded = border.some(Boolean) ? tf.pad(x, [[0, 0], border, border, [0, 0]]) : x;
  const start = Math.max(-before, 0);
  if (start === 0 && after >= 0) return padded;
  return tf.slice(padded, [0, start, start, 0], [batch, height + before + after, width + before + after, channels]);
}
