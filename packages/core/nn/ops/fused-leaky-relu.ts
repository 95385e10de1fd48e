import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { leakyRelu } from './leaky-relu.ts';

/** What StyleGAN2 multiplies each activation by, so that its variance stays. */
export const ACTIVATION_GAIN = Math.SQRT2;

const SLOPE = 0.2;

/**
 * gain leakyRelu(x + bias), slope 0.2, of `scaled` = gain x (channels last) and a bias of as many numbers as channels (rosinality,
 * stylegan2-pytorch:op/fused_act.py). As leaky ReLU is homogeneous, the factor can be taken inside; whoever makes x multiplies it into
 * something smaller than an image, such as the weights.
 */
export function fusedLeakyRelu<T extends Tensor>(scaled: T, bias: Tensor1D, gain = ACTIVATION_GAIN): T {
  return leakyRelu<T>(tf.add(scaled, tf.mul(bias, gain)), SLOPE);
}
