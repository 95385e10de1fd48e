import {
  ACTIVATION_GAIN,
  Blur,
  conv2d,
  EqualConv2d,
  FusedLeakyRelu,
  Module,
  resampledConv2d,
  type ConvolutionGeometry,
} from '@dualprior/core/nn';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { clamped } from './clamp.ts';

interface ConvLayerOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Side of the square kernel, odd. */
  readonly kernel: number;
  /** Whether it halves the image, blurred first. Default false. */
  readonly downsample?: boolean;
  /** Whether a bias and a leaky ReLU follow. Default true. */
  readonly activate?: boolean;
  /** A factor of the result. Default 1. */
  readonly gain?: number;
  /** Whether the state dict holds the blur. Default true. */
  readonly storesBlur?: boolean;
  /** The result is clamped to plus and minus this times `gain`. Default: not at all. */
  readonly clamp?: number | undefined;
}

/** A blur, a convolution and an activation, of which only the convolution is always there (rosinality, ConvLayer: a sequence). */
export class ConvLayer extends Module {
  readonly #blur: Blur | undefined;
  readonly #conv: EqualConv2d;
  readonly #activation: FusedLeakyRelu | undefined;
  readonly #bound: number | undefined;

  constructor(options: ConvLayerOptions) {
    super();
    const { inputs, outputs, kernel, downsample = false, activate = true, gain = 1, storesBlur, clamp } = options;
    const geometry: ConvolutionGeometry = { stride: 1, padding: (kernel - 1) / 2 };
    const whole = activate ? gain * ACTIVATION_GAIN : gain;
    const blur = downsample ? new Blur(1, storesBlur) : undefined;
    this.#blur = blur;
    this.#conv = new EqualConv2d(
      inputs,
      outputs,
      kernel,
      (x, weight) =>
        blur ? resampledConv2d(x, weight, { by: 'down', kernel: blur.kernel.value }) : conv2d(x, weight, geometry),
      whole,
    );
    this.#bound = clamp === undefined ? undefined : clamp * gain;
    this.#activation = activate ? new FusedLeakyRelu(outputs, whole) : undefined;
    Object.assign(this, [this.#blur, this.#conv, this.#activation].filter(Boolean));
  }

  forward(x: Tensor4D): Tensor4D {
    const y = this.#conv.forward(x);
    return clamped(this.#activation ? this.#activation.forward(y) : y, this.#bound);
  }
}
