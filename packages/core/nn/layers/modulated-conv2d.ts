import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { normal } from '../initializers.ts';
import { Module } from '../module.ts';
import { modulatedConv2d } from '../ops/modulated-conv2d.ts';
import { Parameter } from '../parameter.ts';
import { Blur } from './blur.ts';
import { EqualLinear } from './equal-linear.ts';

interface ModulatedConv2dOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Side of the square kernel, odd. */
  readonly kernel: number;
  readonly styleWidth: number;
  /** Default true. */
  readonly demodulate?: boolean;
  /** Doubles or halves the image. Default: neither. */
  readonly resample?: 'up' | 'down';
  /** A factor of the result. Default 1. */
  readonly gain?: number;
  /** Whether the state dict holds the blur of a resampling. Default true. */
  readonly storesBlur?: boolean;
}

/** Modulated convolution with equalised learning rate (rosinality, stylegan2-pytorch:model.py, ModulatedConv2d). */
export class ModulatedConv2d extends Module {
  readonly weight: Parameter<Tensor4D>;
  readonly blur: Blur | undefined;
  readonly modulation: EqualLinear;
  readonly #options: ModulatedConv2dOptions;

  constructor(options: ModulatedConv2dOptions) {
    super();
    const { inputs, outputs, kernel, styleWidth, resample, storesBlur } = options;
    this.weight = new Parameter([1, outputs, inputs, kernel, kernel], normal(1), 'modulated');
    this.blur = resample && new Blur(resample === 'up' ? 4 : 1, storesBlur);
    this.modulation = new EqualLinear(styleWidth, inputs, { bias: 1 });
    this.#options = options;
  }

  /** @param w latents (N, styleWidth) */
  forward(x: Tensor4D, w: Tensor2D): Tensor4D {
    const { inputs, kernel, demodulate = true, resample: by, gain = 1 } = this.#options;
    const weight: Tensor4D = tf.mul(this.weight.value, 1 / Math.sqrt(inputs * kernel ** 2));
    const resample = by && { by, kernel: this.blur!.kernel.value };
    return modulatedConv2d(x, weight, this.modulation.forward(w), { demodulate, gain, ...(resample && { resample }) });
  }
}
