import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { constant } from '../initializers.ts';
import { Module } from '../module.ts';
import { fusedLeakyRelu } from '../ops/fused-leaky-relu.ts';
import { Parameter } from '../parameter.ts';

/** The bias of a fused leaky ReLU (rosinality, stylegan2-pytorch:op/fused_act.py). What it is given already has the gain sqrt(2). */
export class FusedLeakyRelu extends Module {
  readonly bias: Parameter<Tensor1D>;

  constructor(channels: number) {
    super();
    this.bias = new Parameter([channels], constant(0), 'channels');
  }

  forward<T extends Tensor>(scaled: T): T {
    return fusedLeakyRelu(scaled, this.bias.value);
  }
}
