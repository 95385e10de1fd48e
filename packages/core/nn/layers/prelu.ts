import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { constant } from '../initializers.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';

/** `torch.nn.PReLU` with a slope for each channel (He et al. 2015). */
export class PRelu extends Module {
  readonly weight: Parameter<Tensor1D>;

  constructor(channels: number) {
    super();
    this.weight = new Parameter([channels], constant(0.25), 'channels');
  }

  forward(x: Tensor4D): Tensor4D {
    return tf.sub(tf.relu(x), tf.mul(this.weight.value, tf.relu(tf.neg(x))));
  }
}
