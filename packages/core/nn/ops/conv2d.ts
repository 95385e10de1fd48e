import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import './gradients.ts';

/** Stride and zero padding of a convolution, the same in both directions, as in PyTorch. */
export interface ConvolutionGeometry {
  readonly stride: number;
  readonly padding: number;
}

type Convolve = (x: Tensor4D, pad: 'valid' | 'same') => Tensor4D;

/** Cross-correlation of `x` (NHWC) with `weight` (kh, kw, in, out). */
export function conv2d(x: Tensor4D, weight: Tensor4D, geometry: ConvolutionGeometry): Tensor4D {
  return padded(x, weight, geometry, (input, pad) => tf.conv2d(input, weight, geometry.stride, pad));
}

/** Each channel of `x` (NHWC) with its own filter; `weight` is (kh, kw, channels, 1). */
export function depthwiseConv2d(x: Tensor4D, weight: Tensor4D, geometry: ConvolutionGeometry): Tensor4D {
  return padded(x, weight, geometry, (input, pad) => tf.depthwiseConv2d(input, weight, geometry.stride, pad));
}

/**
 * TensorFlow's 'same' pads by its own rule, and its native backward kernels refuse explicit padding: so 'same' only
 * where it is PyTorch's padding, a pad of its own elsewhere.
 */
function padded(x: Tensor4D, weight: Tensor4D, { stride, padding }: ConvolutionGeometry, convolve: Convolve): Tensor4D {
  if (padding === 0) return convolve(x, 'valid');
  const [, height, width] = x.shape;
  const [kernelHeight, kernelWidth] = weight.shape;
  const isSame = [
    [height, kernelHeight],
    [width, kernelWidth],
  ].every(([length, kernel]) => samePadding(length!, kernel!, stride) === 2 * padding);
  if (isSame) return convolve(x, 'same');
  const border: [number, number] = [padding, padding];
  return convolve(tf.pad(x, [[0, 0], border, border, [0, 0]]), 'valid');
}

/** Zeros that 'same' adds along one axis, both sides together; half of them in front if even. */
function samePadding(length: number, kernel: number, stride: number): number {
  return Math.max((Math.ceil(length / stride) - 1) * stride + kernel - length, 0);
}

/** Derivatives of sum(dy depthwiseConv2d(x, weight)) with stride 1 and 'same' padding, for hand-written gradients. */
export function depthwiseGradients(x: Tensor4D, weight: Tensor4D, dy: Tensor4D): { x: Tensor4D; weight: Tensor4D } {
  const attributes = { strides: [1, 1], dilations: [1, 1], pad: 'same' };
  const run = (name: string, inputs: tf.NamedTensorMap, shape: object) =>
    tf.engine().runKernel<Tensor4D>(`DepthwiseConv2dNativeBackprop${name}`, inputs, { ...attributes, ...shape });
  return {
    x: run('Input', { dy, filter: weight }, { inputShape: x.shape }),
    weight: run('Filter', { x, dy }, { filterShape: weight.shape }),
  };
}
