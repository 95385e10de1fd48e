import {
  ACTIVATION_GAIN,
  Blur,
  constant,
  conv2d,
  doubleBilinear,
  EqualConv2d,
  EqualLinear,
  FusedLeakyRelu,
  leakyRelu,
  ModulatedConv2d,
  Module,
  Parameter,
} from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { BiasedEqualConv2d } from '../stylegan2/biased-equal-conv2d.ts';
import { ConvLayer } from '../stylegan2/conv-layer.ts';
import { mapping } from '../stylegan2/mapping.ts';
import { ResBlock } from '../stylegan2/res-block.ts';
import type { Architecture, Layer, RgbLayer, StyledLayer, StyledLayerOptions } from './architecture.ts';

const SLOPE = 0.2;

/**
 * The release that the paper was trained with (GFPGAN:gfpgan/archs/gfpganv1_arch.py, BasicSR:basicsr/archs/stylegan2_arch.py): equalised
 * learning rates, and StyleGAN2's own blurs where it resamples, which its state dicts do not hold.
 *
 * @param mappingRate learning rate of the mapping network over that of the rest
 */
export function original(mappingRate: number): Architecture {
  return {
    convolution: (inputs, outputs, kernel) => new ConvLayer({ inputs, outputs, kernel }),
    down: (inputs, outputs) => new ResBlock(inputs, outputs, { storesBlur: false }),
    up: (inputs, outputs) => new ResUpBlock(inputs, outputs),
    toRgb: (inputs) => new BiasedEqualConv2d(inputs, 3, 1, 0),
    linear: (inputs, outputs) => new EqualLinear(inputs, outputs),
    condition: (inputs, outputs, bias) => [
      new BiasedEqualConv2d(inputs, inputs, 3, 0),
      new ScaledLeakyRelu(),
      new BiasedEqualConv2d(inputs, outputs, 3, bias),
    ],
    mapping: (styleWidth, mappingLayers) => mapping({ styleWidth, mappingLayers, mappingRate }),
    styled: (options) => new StyleConv(options),
    styledRgb: (inputs, styleWidth, upsamples) => new ToRgb(inputs, styleWidth, upsamples),
  };
}

/** A leaky ReLU that keeps the variance, without bias. */
class ScaledLeakyRelu extends Module implements Layer {
  forward(x: Tensor4D): Tensor4D {
    return tf.mul(leakyRelu(x, SLOPE), ACTIVATION_GAIN);
  }
}

/** Bilinear doubling and a convolution (ConvUpLayer), times `gain`. */
class ConvUp extends EqualConv2d implements Layer {
  readonly activation: FusedLeakyRelu | undefined;

  constructor(inputs: number, outputs: number, kernel: 1 | 3, { activate, gain }: { activate: boolean; gain: number }) {
    const whole = activate ? gain * ACTIVATION_GAIN : gain;
    const padding = (kernel - 1) / 2;
    super(inputs, outputs, kernel, (x, weight) => conv2d(doubleBilinear(x), weight, { stride: 1, padding }), whole);
    this.activation = activate ? new FusedLeakyRelu(outputs, whole) : undefined;
  }

  override forward(x: Tensor4D): Tensor4D {
    const y = super.forward(x);
    return this.activation ? this.activation.forward(y) : y;
  }
}

/** f(x) / sqrt(2) + skip(x) / sqrt(2), of twice the size. */
class ResUpBlock extends Module implements Layer {
  readonly conv1: ConvLayer;
  readonly conv2: ConvUp;
  readonly skip: ConvUp;

  constructor(inputs: number, outputs: number) {
    super();
    const gain = Math.SQRT1_2;
    this.conv1 = new ConvLayer({ inputs, outputs: inputs, kernel: 3 });
    this.conv2 = new ConvUp(inputs, outputs, 3, { activate: true, gain });
    this.skip = new ConvUp(inputs, outputs, 1, { activate: false, gain });
  }

  forward(x: Tensor4D): Tensor4D {
    return tf.add(this.conv2.forward(this.conv1.forward(x)), this.skip.forward(x));
  }
}

class StyleConv extends Module implements StyledLayer {
  readonly modulated_conv: ModulatedConv2d;
  /** Strength of the noise. */
  readonly weight = new Parameter<Tensor1D>([1], constant(0), 'same');
  readonly activate: FusedLeakyRelu;

  constructor({ inputs, outputs, styleWidth, upsamples }: StyledLayerOptions) {
    super();
    this.modulated_conv = new ModulatedConv2d({
      inputs,
      outputs,
      kernel: 3,
      styleWidth,
      gain: ACTIVATION_GAIN,
      storesBlur: false,
      ...(upsamples && { resample: 'up' }),
    });
    this.activate = new FusedLeakyRelu(outputs);
  }

  forward(x: Tensor4D, w: Tensor2D, noise: Tensor4D): Tensor4D {
    const strength = tf.mul(this.weight.value, ACTIVATION_GAIN);
    return this.activate.forward(tf.add(this.modulated_conv.forward(x, w), tf.mul<Tensor4D>(noise, strength)));
  }
}

class ToRgb extends Module implements RgbLayer {
  readonly modulated_conv: ModulatedConv2d;
  readonly bias = new Parameter<Tensor1D>([1, 3, 1, 1], constant(0), 'channels');
  readonly #upsample: Blur | undefined;

  constructor(inputs: number, styleWidth: number, upsamples: boolean) {
    super();
    this.modulated_conv = new ModulatedConv2d({ inputs, outputs: 3, kernel: 1, styleWidth, demodulate: false });
    this.#upsample = upsamples ? new Blur(4, false) : undefined;
  }

  forward(x: Tensor4D, w: Tensor2D, lower?: Tensor4D): Tensor4D {
    const image: Tensor4D = tf.add(this.modulated_conv.forward(x, w), this.bias.value);
    return lower ? tf.add(image, this.#upsample!.forward(lower, { up: 2, pad: [2, 1] })) : image;
  }
}
