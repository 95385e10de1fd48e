import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { fanIn, kaimingUniform, uniform, type Initializer } from '../initializers.ts';
import { Module } from '../module.ts';
import { conv2d, depthwiseConv2d, type ConvolutionGeometry } from '../ops/conv2d.ts';
import { Parameter } from '../parameter.ts';

export interface Conv2dOptions {
  /** Side of the square kernel. */
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /** Zeros on each side. Default 0. */
  readonly padding?: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Default: PyTorch's, uniform with bound 1 / sqrt(fan in). */
  readonly initial?: { readonly weight: Initializer; readonly bias: Initializer };
}

/** `torch.nn.Conv2d` on NHWC. Padding and sizes of the result are PyTorch's. */
export class Conv2d extends Module {
  readonly weight: Parameter<Tensor4D>;
  readonly bias: Parameter<Tensor1D> | undefined;
  readonly #geometry: ConvolutionGeometry;

  constructor(inputs: number, outputs: number, options: Conv2dOptions) {
    super();
    const { kernel, stride = 1, padding = 0, bias = true } = options;
    const shape = [outputs, inputs, kernel, kernel];
    const initial = options.initial ?? pytorchDefault(shape);
    this.weight = new Parameter(shape, initial.weight, 'conv');
    this.bias = bias ? new Parameter([outputs], initial.bias, 'channels') : undefined;
    this.#geometry = { stride, padding };
  }

  forward(x: Tensor4D): Tensor4D {
    const y = conv2d(x, this.weight.value, this.#geometry);
    return this.bias ? tf.add(y, this.bias.value) : y;
  }
}

/** `torch.nn.Conv2d` with `groups` = channels: each channel has a filter of its own. */
export class DepthwiseConv2d extends Module {
  readonly weight: Parameter<Tensor4D>;
  readonly bias: Parameter<Tensor1D> | undefined;
  readonly #geometry: ConvolutionGeometry;

  constructor(channels: number, options: Conv2dOptions) {
    super();
    const { kernel, stride = 1, padding = 0, bias = true } = options;
    const shape = [channels, 1, kernel, kernel];
    const initial = options.initial ?? pytorchDefault(shape);
    this.weight = new Parameter(shape, initial.weight, 'depthwise');
    this.bias = bias ? new Parameter([channels], initial.bias, 'channels') : undefined;
    this.#geometry = { stride, padding };
  }

  forward(x: Tensor4D): Tensor4D {
    const y = depthwiseConv2d(x, this.weight.value, this.#geometry);
    return this.bias ? tf.add(y, this.bias.value) : y;
  }
}

/** Weight and bias of a convolution with a weight of this shape. */
export function pytorchDefault(shape: readonly number[]): { weight: Initializer; bias: Initializer } {
  return { weight: kaimingUniform(), bias: uniform(1 / Math.sqrt(fanIn(shape))) };
}
