import { ACTIVATION_GAIN, constant, FusedLeakyRelu, ModulatedConv2d, Module, Parameter } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** How strongly a feature of the encoder is felt. */
class Injection extends Module {
  readonly weight = new Parameter<Tensor1D>([1], constant(0), 'same');
}

interface FedConvOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly styleWidth: number;
  /** Whether the feature is put beside the result, which then has twice the channels, or added. */
  readonly concatenates: boolean;
  readonly resample?: 'up' | undefined;
}

/**
 * StyleGAN2's modulated convolution, bias and leaky ReLU, with a feature of the encoder in place of the noise
 * (GPEN:face_model/gpen_model.py, StyledConv and NoiseInjection).
 */
export class FedConv extends Module {
  readonly conv: ModulatedConv2d;
  readonly noise = new Injection();
  readonly activate: FusedLeakyRelu;
  readonly #concatenates: boolean;

  constructor({ inputs, outputs, styleWidth, concatenates, resample }: FedConvOptions) {
    super();
    const gain = ACTIVATION_GAIN;
    this.conv = new ModulatedConv2d({ inputs, outputs, kernel: 3, styleWidth, gain, ...(resample && { resample }) });
    this.activate = new FusedLeakyRelu(concatenates ? 2 * outputs : outputs);
    this.#concatenates = concatenates;
  }

  /** @param feature of the size and with as many channels as the convolution's result */
  forward(x: Tensor4D, w: Tensor2D, feature: Tensor4D): Tensor4D {
    const own = this.conv.forward(x, w);
    const fed: Tensor4D = tf.mul(feature, tf.mul(this.noise.weight.value, ACTIVATION_GAIN));
    return this.activate.forward(this.#concatenates ? tf.concat([own, fed], 3) : tf.add(own, fed));
  }
}
