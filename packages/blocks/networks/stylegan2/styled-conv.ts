import { ACTIVATION_GAIN, constant, FusedLeakyRelu, ModulatedConv2d, Module, Parameter } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { clamped } from './clamp.ts';

interface StyledConvOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly styleWidth: number;
  /** Whether it doubles the image first. Default: it does not. */
  readonly resample?: 'up';
  /** The result is clamped to plus and minus this. Default: not at all. */
  readonly clamp?: number | undefined;
}

/** The strength of the noise of one layer. */
class NoiseInjection extends Module {
  readonly weight = new Parameter<Tensor1D>([1], constant(0), 'same');
}

/** Modulated convolution, noise, bias and leaky ReLU, in this order (rosinality, stylegan2-pytorch:model.py, StyledConv). */
export class StyledConv extends Module {
  readonly conv: ModulatedConv2d;
  readonly noise = new NoiseInjection();
  readonly activate: FusedLeakyRelu;

  readonly #clamp: number | undefined;

  constructor({ inputs, outputs, styleWidth, resample, clamp }: StyledConvOptions) {
    super();
    this.#clamp = clamp;
    const gain = ACTIVATION_GAIN;
    this.conv = new ModulatedConv2d({ inputs, outputs, kernel: 3, styleWidth, gain, ...(resample && { resample }) });
    this.activate = new FusedLeakyRelu(outputs);
  }

  /** @param noise (N or 1, H, W, 1) of the result's size; undefined: none is added */
  forward(x: Tensor4D, w: Tensor2D, noise: Tensor4D | undefined): Tensor4D {
    const y = this.activate.forward<Tensor4D>(this.#withNoise(this.conv.forward(x, w), noise));
    return clamped(y, this.#clamp);
  }

  #withNoise(x: Tensor4D, noise: Tensor4D | undefined): Tensor4D {
    if (!noise) return x;
    const strength = tf.mul(this.noise.weight.value, ACTIVATION_GAIN);
    return tf.add(x, tf.mul<Tensor4D>(noise, strength));
  }
}
