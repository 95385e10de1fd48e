import { Module, normal, Parameter } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { SMALLEST } from './channels.ts';

/** The learned constant from which the synthesis begins. */
export class ConstantInput extends Module {
  readonly input: Parameter<Tensor4D>;

  constructor(channels: number) {
    super();
    this.input = new Parameter([1, channels, SMALLEST, SMALLEST], normal(1), 'image');
  }

  forward(batch: number): Tensor4D {
    return tf.tile(this.input.value, [batch, 1, 1, 1]);
  }
}
