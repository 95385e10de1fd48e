import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { constant } from '../initializers.ts';
import { Module } from '../module.ts';
import { normalize } from '../ops/normalize.ts';
import { Parameter } from '../parameter.ts';

/** NAFNet's `LayerNorm2d`: every pixel normalised over its channels (NAFNet:basicsr/models/archs/arch_util.py). */
export class LayerNorm2d extends Module {
  readonly weight: Parameter<Tensor1D>;
  readonly bias: Parameter<Tensor1D>;

  constructor(
    channels: number,
    readonly epsilon = 1e-6,
  ) {
    super();
    this.weight = new Parameter([channels], constant(1), 'channels');
    this.bias = new Parameter([channels], constant(0), 'channels');
  }

  forward(x: Tensor4D): Tensor4D {
    return tf.add(tf.mul(normalize(x, [3], this.epsilon), this.weight.value), this.bias.value);
  }
}
