import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { depthwiseConv2d } from './conv2d.ts';
import { hasOwnOperation } from './own-operation.ts';

/** Names of the engine's operations, where it has them. */
export const BIASED_DEPTHWISE = 'DualpriorBiasedDepthwise';
export const BIASED_DEPTHWISE_GRADIENT = 'DualpriorBiasedDepthwiseGradient';

/** A depthwise 3x3 convolution that keeps the size, of images to whose pixels a bias is added before: the zeros around have none. */
interface BiasedDepthwise {
  /** (images, height, width, channels). */
  readonly x: Tensor4D;
  readonly bias: Tensor1D;
  /** (3, 3, channels, 1). */
  readonly weight: Tensor4D;
}

/** The convolution. Without a gradient of its own. */
export function biasedDepthwise({ x, bias, weight }: BiasedDepthwise): Tensor4D {
  if (hasOwnOperation(BIASED_DEPTHWISE)) {
    return tf.engine().runKernel<Tensor4D>(BIASED_DEPTHWISE, { x, bias, weight });
  }
  return depthwiseConv2d(tf.add(x, bias), weight, { stride: 1, padding: 1 });
}

/** Its gradients. */
export function biasedDepthwiseGradient(dy: Tensor4D, { x, bias, weight }: BiasedDepthwise): BiasedDepthwise {
  if (hasOwnOperation(BIASED_DEPTHWISE_GRADIENT)) {
    const [dx, dBias, dWeight] = tf
      .engine()
      .runKernel<[Tensor4D, Tensor1D, Tensor4D]>(BIASED_DEPTHWISE_GRADIENT, { dy, x, bias, weight });
    return { x: dx, bias: dBias, weight: dWeight };
  }
  const attributes = { strides: [1, 1], dilations: [1, 1], pad: 'same' };
  const backprop = (name: string, inputs: tf.NamedTensorMap, shape: object) =>
    tf.engine().runKernel<Tensor4D>(`DepthwiseConv2dNativeBackprop${name}`, inputs, { ...attributes, ...shape });
  const dx = backprop('Input', { dy, filter: weight }, { inputShape: x.shape });
  return {
    x: dx,
    bias: tf.sum(dx, [0, 1, 2]),
    weight: backprop('Filter', { x: tf.add(x, bias), dy }, { filterShape: weight.shape }),
  };
}
