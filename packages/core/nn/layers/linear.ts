import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Initializer } from '../initializers.ts';
import { Module } from '../module.ts';
import { linear } from '../ops/linear.ts';
import { Parameter } from '../parameter.ts';
import { pytorchDefault } from './conv2d.ts';

/** `torch.nn.Linear`: (N, inputs) to (N, outputs). */
export class Linear extends Module {
  readonly weight: Parameter<Tensor2D>;
  readonly bias: Parameter<Tensor1D>;

  /** @param initial by default PyTorch's, uniform with bound 1 / sqrt(inputs) */
  constructor(
    inputs: number,
    outputs: number,
    initial: { readonly weight: Initializer; readonly bias: Initializer } = pytorchDefault([outputs, inputs]),
  ) {
    super();
    this.weight = new Parameter([outputs, inputs], initial.weight, 'linear');
    this.bias = new Parameter([outputs], initial.bias, 'channels');
  }

  forward(x: Tensor2D): Tensor2D {
    return linear(x, this.weight.value, this.bias.value);
  }
}
