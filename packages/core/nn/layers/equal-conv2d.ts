import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { fanIn, normal } from '../initializers.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';

/**
 * The weight of a convolution with equalised learning rate: it begins standard normal, and is multiplied by gain / sqrt(fan in) at each
 * use (Karras et al. 2018; rosinality, stylegan2-pytorch:model.py, EqualConv2d). `convolve` says what it is used for.
 */
export class EqualConv2d extends Module {
  readonly weight: Parameter<Tensor4D>;
  readonly #scale: number;
  readonly #convolve: (x: Tensor4D, weight: Tensor4D) => Tensor4D;

  constructor(
    inputs: number,
    outputs: number,
    kernel: number,
    convolve: (x: Tensor4D, weight: Tensor4D) => Tensor4D,
    gain = 1,
  ) {
    super();
    const shape = [outputs, inputs, kernel, kernel];
    this.weight = new Parameter(shape, normal(1), 'conv');
    this.#scale = gain / Math.sqrt(fanIn(shape));
    this.#convolve = convolve;
  }

  forward(x: Tensor4D): Tensor4D {
    return this.#convolve(x, tf.mul(this.weight.value, this.#scale));
  }
}
