import { Buffer, constant, Module, Parameter } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';

/** `torch.nn.BatchNorm2d` in eval mode: (x - running mean) / sqrt(running variance + epsilon) * weight + bias, for each channel. */
export class FrozenBatchNorm2d extends Module {
  readonly weight: Parameter<Tensor1D>;
  readonly bias: Parameter<Tensor1D>;
  readonly running_mean: Buffer<Tensor1D>;
  readonly running_var: Buffer<Tensor1D>;
  readonly #epsilon: number;

  constructor(channels: number, epsilon = 1e-5) {
    super();
    const [zeros, ones] = [constant(0), constant(1)];
    this.weight = new Parameter([channels], ones, 'channels');
    this.bias = new Parameter([channels], zeros, 'channels');
    this.running_mean = new Buffer([channels], zeros, 'channels');
    this.running_var = new Buffer([channels], ones, 'channels');
    this.#epsilon = epsilon;
  }

  forward(x: Tensor4D): Tensor4D {
    const { weight, bias, running_mean: mean, running_var: variance } = this;
    return frozenBatchNorm(x, mean.value, variance.value, bias.value, weight.value, this.#epsilon);
  }
}

/** (x - mean) / sqrt(variance + epsilon) * scale + offset, as one multiplication and one addition an element. */
export function frozenBatchNorm(
  x: Tensor4D,
  mean: Tensor1D,
  variance: Tensor1D,
  offset: Tensor1D,
  scale: Tensor1D | undefined,
  epsilon: number,
): Tensor4D {
  const inverse = tf.rsqrt(tf.add<Tensor1D>(variance, epsilon));
  const factor: Tensor1D = scale ? tf.mul(scale, inverse) : inverse;
  return tf.add(tf.mul<Tensor4D>(x, factor), tf.sub(offset, tf.mul(mean, factor)));
}
