import { ACTIVATION_GAIN, constant, FusedLeakyRelu, ModulatedConv2d, Module, Parameter } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** The strength of the noise of one layer. */
class NoiseInjection extends Module {
  readonly weight = new Parameter<Tensor1D>([1], constant(0), 'same');
}

/** Modulated convolution, noise, bias and leaky ReLU, in this order (rosinality, stylegan2-pytorch:model.py, StyledConv). */
export class StyledConv extends Module {
  readonly conv: ModulatedConv2d;
  readonly noise = new NoiseInjection();
  readonly activate: FusedLeakyRelu;

  constructor(inputs: number, outputs: number, styleWidth: number, resample?: 'up') {
    super();
    const gain = ACTIVATION_GAIN;
    this.conv = new ModulatedConv2d({ inputs, outputs, kernel: 3, styleWidth, gain, ...(resample && { resample }) });
    this.activate = new FusedLeakyRelu(outputs);
  }

  /** @param noise (N or 1, H, W, 1) of the result's size */
  forward(x: Tensor4D, w: Tensor2D, noise: Tensor4D): Tensor4D {
    const strength = tf.mul(this.noise.weight.value, ACTIVATION_GAIN);
    return this.activate.forward(tf.add(this.conv.forward(x, w), tf.mul<Tensor4D>(noise, strength)));
  }
}
