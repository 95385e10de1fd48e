import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { constant } from '../initializers.ts';
import { Module } from '../module.ts';
import { normalize } from '../ops/normalize.ts';
import { Parameter } from '../parameter.ts';

/** Normalises an image (NHWC) over some of its axes, then scales and shifts each channel. */
export abstract class AffineNorm2d extends Module {
  readonly weight: Parameter<Tensor1D>;
  readonly bias: Parameter<Tensor1D>;

  constructor(
    channels: number,
    readonly axes: readonly number[],
    readonly epsilon: number,
  ) {
    super();
    this.weight = new Parameter([channels], constant(1), 'channels');
    this.bias = new Parameter([channels], constant(0), 'channels');
  }

  forward(x: Tensor4D): Tensor4D {
    return tf.add(tf.mul(normalize(x, [...this.axes], this.epsilon), this.weight.value), this.bias.value);
  }
}
