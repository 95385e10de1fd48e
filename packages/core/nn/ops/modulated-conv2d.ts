import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { conv2d } from './conv2d.ts';
import { modulate } from './modulate.ts';
import { upfirdn2d } from './upfirdn2d.ts';

interface Modulation {
  /** Whether each output channel is divided by the norm of its modulated weights. */
  readonly demodulate: boolean;
  /** Halves or doubles the image, with this FIR filter (for `up` with a sum of 4, else of 1). Default: neither. */
  readonly resample?: { readonly by: 'up' | 'down'; readonly kernel: Tensor2D };
  /** A factor of the result. Default 1. */
  readonly gain?: number;
}

const EPSILON = 1e-8;

/**
 * Convolution of each image of `x` (NHWC) with weights of its own: `weight` (k, k, in, out), shared, times the image's `style` (N, in) for
 * each input channel (Karras et al. 2020; rosinality, stylegan2-pytorch:model.py, ModulatedConv2d).
 *
 * The activations are modulated instead of the weights, which is the same: the input is scaled by the style, the output by the
 * demodulation 1 / sqrt(sum of (style weight)^2 + 1e-8). One convolution serves the whole batch, and its gradients have any order.
 */
export function modulatedConv2d(
  x: Tensor4D,
  weight: Tensor4D,
  style: Tensor2D,
  { demodulate, resample, gain = 1 }: Modulation,
): Tensor4D {
  const y = resampledConv2d(modulate(x, style), weight, resample);
  if (!demodulate) return gain === 1 ? y : tf.mul(y, gain);
  const norms = tf.matMul(tf.square(style), tf.sum<Tensor2D>(tf.square(weight), [0, 1]));
  return modulate(y, tf.mul(tf.rsqrt(tf.add(norms, EPSILON)), gain));
}

/**
 * Convolution with `weight` (k, k, in, out), k odd, that keeps the size, or with a blur after its up-sampling or before its down-sampling.
 * The blur's zeros are those that the whole needs to be as large as twice or half the image.
 */
export function resampledConv2d(x: Tensor4D, weight: Tensor4D, resample: Modulation['resample']): Tensor4D {
  const size = weight.shape[0];
  if (!resample) return conv2d(x, weight, { stride: 1, padding: (size - 1) / 2 });
  const { by, kernel } = resample;
  const taps = kernel.shape[0];
  if (by === 'up') {
    const excess = taps - 2 - (size - 1);
    return upfirdn2d(upConv2d(x, weight), kernel, {
      pad: [Math.floor((excess + 1) / 2) + 1, Math.floor(excess / 2) + 1],
    });
  }
  const excess = taps - 2 + (size - 1);
  const pad = [Math.floor((excess + 1) / 2), Math.floor(excess / 2)] as const;
  // A 1x1 convolution looks at every other pixel only: so does the blur before it.
  if (size === 1) return conv2d(upfirdn2d(x, kernel, { down: 2, pad }), weight, { stride: 1, padding: 0 });
  return conv2d(upfirdn2d(x, kernel, { pad }), weight, { stride: 2, padding: 0 });
}

/** `torch.nn.functional.conv_transpose2d` with stride 2: (H, W) becomes (2 H - 2 + k, 2 W - 2 + k). */
function upConv2d(x: Tensor4D, weight: Tensor4D): Tensor4D {
  const [batch, height, width] = x.shape;
  const [size, , , outputs] = weight.shape;
  const shape: Tensor4D['shape'] = [batch, 2 * height - 2 + size, 2 * width - 2 + size, outputs];
  return tf.conv2dTranspose(x, tf.transpose<Tensor4D>(weight, [0, 1, 3, 2]), shape, 2, 'valid');
}
