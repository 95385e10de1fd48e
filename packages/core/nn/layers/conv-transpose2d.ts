import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import '../ops/gradients.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';
import { pytorchDefault } from './conv2d.ts';

/** `torch.nn.ConvTranspose2d` on NHWC with a kernel as large as its stride: every pixel becomes a `factor` x `factor` block. */
export class ConvTranspose2d extends Module {
  readonly weight: Parameter<Tensor4D>;
  readonly bias: Parameter<Tensor1D>;
  readonly #factor: number;

  constructor(inputs: number, outputs: number, factor = 2) {
    super();
    const shape = [inputs, outputs, factor, factor];
    const initial = pytorchDefault(shape);
    this.weight = new Parameter(shape, initial.weight, 'transposed');
    this.bias = new Parameter([outputs], initial.bias, 'channels');
    this.#factor = factor;
  }

  forward(x: Tensor4D): Tensor4D {
    const [batch, height, width] = x.shape;
    const factor = this.#factor;
    const shape: [number, number, number, number] = [batch, height * factor, width * factor, this.bias.size];
    return tf.add(tf.conv2dTranspose(x, this.weight.value, shape, factor, 'valid'), this.bias.value);
  }
}
