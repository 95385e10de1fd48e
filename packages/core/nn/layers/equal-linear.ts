import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { constant, normal } from '../initializers.ts';
import { Module } from '../module.ts';
import { ACTIVATION_GAIN, fusedLeakyRelu } from '../ops/fused-leaky-relu.ts';
import { linear } from '../ops/linear.ts';
import { Parameter } from '../parameter.ts';

interface EqualLinearOptions {
  /** What the bias begins with. Default 0. */
  readonly bias?: number;
  /** Learning rate of this layer over that of others, `lr_mul`. Default 1. */
  readonly rate?: number;
  /** Whether a fused leaky ReLU follows. Default false. */
  readonly activation?: boolean;
}

/**
 * Linear layer with equalised learning rate: weights begin standard normal, and are multiplied by rate / sqrt(inputs) at each use
 * (Karras et al. 2018; rosinality, stylegan2-pytorch:model.py, EqualLinear).
 */
export class EqualLinear extends Module {
  readonly weight: Parameter<Tensor2D>;
  readonly bias: Parameter<Tensor1D>;
  readonly #scale: number;
  readonly #rate: number;
  readonly #activation: boolean;

  constructor(inputs: number, outputs: number, { bias = 0, rate = 1, activation = false }: EqualLinearOptions = {}) {
    super();
    this.weight = new Parameter([outputs, inputs], normal(1 / rate), 'linear');
    this.bias = new Parameter([outputs], constant(bias), 'channels');
    this.#scale = rate / Math.sqrt(inputs);
    this.#rate = rate;
    this.#activation = activation;
  }

  forward(x: Tensor2D): Tensor2D {
    const bias: Tensor1D = this.#rate === 1 ? this.bias.value : tf.mul(this.bias.value, this.#rate);
    if (!this.#activation) return linear(x, tf.mul(this.weight.value, this.#scale), bias);
    const weight: Tensor2D = tf.mul(this.weight.value, this.#scale * ACTIVATION_GAIN);
    return fusedLeakyRelu(tf.matMul(x, weight), bias);
  }
}
