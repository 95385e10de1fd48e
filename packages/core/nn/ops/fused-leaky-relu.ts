import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.ts';
import { leakyRelu, leakyReluGradient } from './leaky-relu.ts';
import { hasOwnOperation } from './own-operation.ts';

/** Names of the engine's operations, where it has them. */
export const FUSED_LEAKY_RELU = 'DualpriorFusedLeakyRelu';
export const FUSED_LEAKY_RELU_GRADIENT = 'DualpriorFusedLeakyReluGradient';

/** What StyleGAN2 multiplies each activation by, so that its variance stays. */
export const ACTIVATION_GAIN = Math.SQRT2;

const SLOPE = 0.2;

/**
 * gain leakyRelu(x + bias), slope 0.2, of `scaled` = gain x (channels last) and a bias of as many numbers as channels (rosinality,
 * stylegan2-pytorch:op/fused_act.py). As leaky ReLU is homogeneous, the factor can be taken inside; whoever makes x multiplies it into
 * something smaller than an image, such as the weights. Has gradients of any order.
 */
export function fusedLeakyRelu<T extends Tensor>(scaled: T, bias: Tensor1D, gain = ACTIVATION_GAIN): T {
  if (!hasOwnOperation(FUSED_LEAKY_RELU)) return leakyRelu<T>(tf.add(scaled, tf.mul(bias, gain)), SLOPE);
  const attributes = { gain, slope: SLOPE };
  return customGradient([scaled, bias], (x, b) => {
    const value = tf.engine().runKernel<T>(FUSED_LEAKY_RELU, { x, bias: b }, attributes);
    return {
      value,
      saved: [value], // its sign is all that the gradient takes, and that is constant wherever it has a derivative
      gradient: (dy, [y]) => tf.engine().runKernel<Tensor[]>(FUSED_LEAKY_RELU_GRADIENT, { dy, y: y! }, attributes),
    };
  });
}

// Both results are linear in dy.
tf.registerGradient({
  kernelName: FUSED_LEAKY_RELU_GRADIENT,
  inputsToSave: ['y'],
  gradFunc: (gradients, [y], attributes) => {
    const [ofX, ofBias] = gradients as Tensor[];
    const { gain, slope } = attributes as unknown as { gain: number; slope: number };
    return { dy: () => leakyReluGradient(tf.add(ofX!, tf.mul(ofBias!, gain)), y!, slope) };
  },
});
