import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { constant } from '../initializers.ts';
import { Module } from '../module.ts';
import { normalize } from '../ops/normalize.ts';
import { Buffer, Parameter } from '../parameter.ts';
import { isTraining, recordStatistic } from '../statistics.ts';

const AXES = [0, 1, 2];

interface BatchNorm2dOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Part of a batch's statistics in the running ones. Default 0.1. */
  readonly momentum?: number;
}

/**
 * `torch.nn.BatchNorm2d` on NHWC. In training (`Parameters.train`) each channel is normalised over the batch and its pixels, and
 * the running mean and (unbiased) variance move on; otherwise the running ones are used.
 */
export class BatchNorm2d extends Module {
  readonly weight: Parameter<Tensor1D>;
  readonly bias: Parameter<Tensor1D>;
  readonly running_mean: Buffer<Tensor1D>;
  readonly running_var: Buffer<Tensor1D>;
  readonly num_batches_tracked: Buffer<Scalar>;
  readonly #epsilon: number;
  readonly #momentum: number;

  constructor(channels: number, { epsilon = 1e-5, momentum = 0.1 }: BatchNorm2dOptions = {}) {
    super();
    this.weight = new Parameter([channels], constant(1), 'channels');
    this.bias = new Parameter([channels], constant(0), 'channels');
    this.running_mean = new Buffer([channels], constant(0), 'channels');
    this.running_var = new Buffer([channels], constant(1), 'channels');
    this.num_batches_tracked = new Buffer([], constant(0), 'same', { isOptional: true, isInteger: true });
    this.#epsilon = epsilon;
    this.#momentum = momentum;
  }

  forward(x: Tensor4D): Tensor4D {
    if (!isTraining()) return this.#fixed(x);
    this.#track(x);
    return tf.add(tf.mul(normalize(x, AXES, this.#epsilon), this.weight.value), this.bias.value);
  }

  /** (x - mean) / deviation * weight + bias, as one product and one sum. */
  #fixed(x: Tensor4D): Tensor4D {
    const scale = tf.mul(this.weight.value, tf.rsqrt(tf.add(this.running_var.value, this.#epsilon)));
    return tf.add(tf.mul(x, scale), tf.sub(this.bias.value, tf.mul(this.running_mean.value, scale)));
  }

  #track(x: Tensor4D): void {
    const count = x.size / x.shape[3];
    const { mean, variance } = tf.moments(x, AXES);
    const unbiased = tf.mul(variance, count / Math.max(count - 1, 1));
    recordStatistic(this.running_mean, this.#towards(this.running_mean.value, mean as Tensor1D));
    recordStatistic(this.running_var, this.#towards(this.running_var.value, unbiased as Tensor1D));
    recordStatistic(this.num_batches_tracked, tf.add(this.num_batches_tracked.value, 1));
  }

  #towards(running: Tensor1D, now: Tensor1D): Tensor1D {
    return tf.add(tf.mul(running, 1 - this.#momentum), tf.mul(now, this.#momentum));
  }
}
