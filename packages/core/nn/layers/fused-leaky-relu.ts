import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { constant } from '../initializers.ts';
import { Module } from '../module.ts';
import { ACTIVATION_GAIN, fusedLeakyRelu } from '../ops/fused-leaky-relu.ts';
import { Parameter } from '../parameter.ts';

/** The bias of a fused leaky ReLU (rosinality, stylegan2-pytorch:op/fused_act.py). What it is given already has the gain. */
export class FusedLeakyRelu extends Module {
  readonly bias: Parameter<Tensor1D>;

  /** @param gain a factor of the result */
  constructor(
    channels: number,
    readonly gain = ACTIVATION_GAIN,
  ) {
    super();
    this.bias = new Parameter([channels], constant(0), 'channels');
  }

  forward<T extends Tensor>(scaled: T): T {
    return fusedLeakyRelu(scaled, this.bias.value, this.gain);
  }
}
