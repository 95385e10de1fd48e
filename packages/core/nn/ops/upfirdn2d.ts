import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { depthwiseConv2d } from './conv2d.ts';
import { hasOwnOperation } from './own-operation.ts';

/** Name of the engine's operation, where it has one. */
export const UPFIRDN2D = 'DualpriorUpfirdn2d';

export interface Resampling {
  /** Zeros are put between the pixels so that there are this many times as many. Default 1. */
  readonly up?: number;
  /** Every how manieth pixel of the result is kept, from the first. Default 1. */
  readonly down?: number;
  /** Zeros before (top, left) and after (bottom, right), after the insertion of zeros; negative ones crop. */
  readonly pad: readonly [number, number];
}

/** The same, as the operation takes it; pairs are of height and width. */
interface Filtering {
  readonly up: number;
  readonly down: number;
  /** Zeros before; negative ones crop. */
  readonly before: [number, number];
  /** The height and width of the result. */
  readonly size: [number, number];
  /** 1: a convolution. 0: a correlation. */
  readonly flip: 0 | 1;
}

/**
 * Up-sampling, filtering and down-sampling of an image (NHWC) by a FIR filter (kh, kw), each channel alike: a true convolution, so the
 * filter is flipped (Karras et al. 2020; rosinality, stylegan2-pytorch:op/upfirdn2d.py). Has gradients of any order. Errors: a filter that is
 * larger than the padded image.
 */
export function upfirdn2d(x: Tensor4D, kernel: Tensor2D, { up = 1, down = 1, pad }: Resampling): Tensor4D {
  const [before, after] = pad;
  const size = ([0, 1] as const).map((axis) => {
    const padded = x.shape[axis + 1]! * up + before + after;
    return Math.floor((padded - kernel.shape[axis]) / down) + 1;
  }) as [number, number];
  if (Math.min(...size) < 1) throw new Error('The filter is larger than the padded image.');
  return filtered(x, kernel, { up, down, before: [before, before], size, flip: 1 });
}

function filtered(x: Tensor4D, kernel: Tensor2D, filtering: Filtering): Tensor4D {
  if (hasOwnOperation(UPFIRDN2D)) {
    return tf.engine().runKernel<Tensor4D>(UPFIRDN2D, { x, kernel }, { ...filtering });
  }
  const { down, flip } = filtering;
  const channels = x.shape[3];
  const [kernelHeight, kernelWidth] = kernel.shape;
  const taps: Tensor4D = tf.reshape(flip ? tf.reverse(kernel, [0, 1]) : kernel, [kernelHeight, kernelWidth, 1, 1]);
  const filter: Tensor4D = tf.tile<Tensor4D>(taps, [1, 1, channels, 1]);
  return depthwiseConv2d(zeroSpaced(x, kernel, filtering), filter, { stride: down, padding: 0 });
}

/** The derivatives are filterings too: that of x with up and down exchanged, the filter turned, and as many zeros before as it reaches back. */
tf.registerGradient({
  kernelName: UPFIRDN2D,
  inputsToSave: ['x', 'kernel'],
  gradFunc: (gradient, saved, attributes) => {
    const dy = gradient as Tensor4D;
    const [x, kernel] = saved as [Tensor4D, Tensor2D];
    const filtering = attributes as unknown as Filtering;
    return {
      x: () => filtered(dy, kernel, adjoint(x, kernel, filtering)),
      kernel: () => kernelGradient(x, kernel, dy, filtering),
    };
  },
});

function adjoint(x: Tensor4D, kernel: Tensor2D, { up, down, before, flip }: Filtering): Filtering {
  const [, height, width] = x.shape;
  const [kernelHeight, kernelWidth] = kernel.shape;
  return {
    up: down,
    down: up,
    before: [kernelHeight - 1 - before[0], kernelWidth - 1 - before[1]],
    size: [height, width],
    flip: flip ? 0 : 1,
  };
}

/** In plain operations: filters are fixed where this has to be fast. */
function kernelGradient(x: Tensor4D, kernel: Tensor2D, dy: Tensor4D, filtering: Filtering): Tensor2D {
  const { down, flip } = filtering;
  const ofChannels = tf
    .engine()
    .runKernel<Tensor4D>(
      'DepthwiseConv2dNativeBackpropFilter',
      { x: zeroSpaced(x, kernel, filtering), dy },
      { strides: [down, down], dilations: [1, 1], pad: 'valid', filterShape: [...kernel.shape, x.shape[3], 1] },
    );
  const sum: Tensor2D = tf.sum(ofChannels, [2, 3]);
  return flip ? tf.reverse(sum, [0, 1]) : sum;
}

/** The image with zeros between and around its pixels, or without its borders: as large as the filter needs it for the result. */
function zeroSpaced(x: Tensor4D, kernel: Tensor2D, { up, down, before, size }: Filtering): Tensor4D {
  const borders = ([0, 1] as const).map((axis) => {
    const needed = (size[axis] - 1) * down + kernel.shape[axis];
    return [before[axis], needed - before[axis] - x.shape[axis + 1]! * up];
  }) as [Border, Border];
  return padOrCrop(insertZeros(x, up), borders);
}

/** `factor - 1` zeros after each pixel, also after the last, along both axes. */
function insertZeros(x: Tensor4D, factor: number): Tensor4D {
  if (factor === 1) return x;
  const [batch, height, width, channels] = x.shape;
  const row = width * factor * channels;
  const none: Border = [0, 0];
  const wider = tf.pad(x, [none, none, none, [0, (factor - 1) * channels]]);
  const higher = tf.pad(tf.reshape(wider, [batch, height, row]), [none, none, [0, (factor - 1) * row]]);
  return tf.reshape(higher, [batch, height * factor, width * factor, channels]);
}

/** Zeros before and after. */
type Border = [number, number];

/** Pads or crops the rows and the columns. */
function padOrCrop(x: Tensor4D, borders: readonly [Border, Border]): Tensor4D {
  const all: Border[] = [[0, 0], ...borders, [0, 0]];
  const zeros = all.map((border) => border.map((count) => Math.max(count, 0)) as Border);
  const padded = zeros.flat().some(Boolean) ? tf.pad(x, zeros) : x;
  if (all.every((border) => Math.min(...border) >= 0)) return padded;
  const begin = all.map(([before]) => Math.max(-before, 0)) as Tensor4D['shape'];
  const size = all.map(([before, after], axis) => x.shape[axis]! + before + after) as Tensor4D['shape'];
  return tf.slice(padded, begin, size);
}
