import {
  averagePool2d,
  constant,
  Conv2d,
  doubleBilinear,
  leakyRelu,
  Linear,
  modulatedConv2d,
  Module,
  normal,
  Parameter,
  kaimingUniform,
  type Initializer,
} from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { PixelNorm } from '../stylegan2/mapping.ts';
import type { Architecture, Layer, RgbLayer, StyledLayer, StyledLayerOptions } from './architecture.ts';

const SLOPE = 0.2;

/** The gain that the original has in its activations; the clean release has it after the modulated convolutions, in front of noise and bias. */
const GAIN = Math.SQRT2;

/**
 * The clean release (GFPGAN:gfpgan/archs/gfpganv1_clean_arch.py, stylegan2_clean_arch.py; v1.3, v1.4): plain layers and bilinear
 * resampling. It was converted from trained weights of the original, so its own initial weights have trained nothing; here the scales of
 * the features begin at 1, as the original's.
 */
export const clean: Architecture = {
  convolution: (inputs, outputs, kernel) => new ActivatedConv2d(inputs, outputs, { kernel, padding: (kernel - 1) / 2 }),
  down: (inputs, outputs) => new ResBlock(inputs, outputs, (x) => averagePool2d(x, { kernel: 2 })),
  up: (inputs, outputs) => new ResBlock(inputs, outputs, doubleBilinear),
  toRgb: (inputs) => new Conv2d(inputs, 3, { kernel: 1 }),
  linear: (inputs, outputs) => new Linear(inputs, outputs),
  condition(inputs, outputs, bias) {
    const initial = { weight: kaimingUniform(), bias: constant(bias) };
    return [conv3(inputs, inputs), new LeakyRelu<Tensor4D>(), conv3(inputs, outputs, initial)];
  },
  mapping(width, layers) {
    const initial = { weight: normal(GAIN / Math.sqrt(1 + SLOPE ** 2) / Math.sqrt(width)), bias: constant(0) };
    const pairs = Array.from({ length: layers }, () => [new Linear(width, width, initial), new LeakyRelu<Tensor2D>()]);
    return [new PixelNorm(), ...pairs.flat()];
  },
  styled: (options) => new StyleConv(options),
  styledRgb: (inputs, styleWidth, upsamples) => new ToRgb(inputs, styleWidth, upsamples),
};

interface Initials {
  readonly weight: Initializer;
  readonly bias: Initializer;
}

function conv3(inputs: number, outputs: number, initial?: Initials): Conv2d {
  return new Conv2d(inputs, outputs, { kernel: 3, padding: 1, ...(initial && { initial }) });
}

class LeakyRelu<T extends Tensor> extends Module implements Layer<T> {
  forward(x: T): T {
    return leakyRelu(x, SLOPE);
  }
}

/** A convolution and a leaky ReLU, which the official code calls as a function. */
class ActivatedConv2d extends Conv2d {
  override forward(x: Tensor4D): Tensor4D {
    return leakyRelu(super.forward(x), SLOPE);
  }
}

/** Two convolutions with the resampling between them, and a skip connection. */
class ResBlock extends Module implements Layer {
  readonly conv1: Conv2d;
  readonly conv2: Conv2d;
  readonly skip: Conv2d;
  readonly #resample: (x: Tensor4D) => Tensor4D;

  constructor(inputs: number, outputs: number, resample: (x: Tensor4D) => Tensor4D) {
    super();
    this.conv1 = conv3(inputs, inputs);
    this.conv2 = conv3(inputs, outputs);
    this.skip = new Conv2d(inputs, outputs, { kernel: 1, bias: false });
    this.#resample = resample;
  }

  forward(x: Tensor4D): Tensor4D {
    const inner = this.#resample(leakyRelu(this.conv1.forward(x), SLOPE));
    const y = leakyRelu(this.conv2.forward(inner), SLOPE);
    return tf.add(y, this.skip.forward(this.#resample(x)));
  }
}

/** Modulated convolution whose weight is used as it is. */
class ModulatedConv2d extends Module {
  readonly weight: Parameter<Tensor4D>;
  readonly modulation: Linear;

  constructor(inputs: number, outputs: number, kernel: 1 | 3, styleWidth: number) {
    super();
    const deviation = 1 / Math.sqrt(inputs * kernel ** 2);
    this.weight = new Parameter([1, outputs, inputs, kernel, kernel], normal(deviation), 'modulated');
    this.modulation = new Linear(styleWidth, inputs, {
      weight: normal(1 / Math.sqrt(styleWidth)),
      bias: constant(1),
    });
  }

  forward(x: Tensor4D, w: Tensor2D, demodulate: boolean, gain = 1): Tensor4D {
    return modulatedConv2d(x, this.weight.value, this.modulation.forward(w), { demodulate, gain });
  }
}

class StyleConv extends Module implements StyledLayer {
  readonly modulated_conv: ModulatedConv2d;
  /** Strength of the noise. */
  readonly weight = new Parameter<Tensor1D>([1], constant(0), 'same');
  readonly bias: Parameter<Tensor1D>;
  readonly #upsamples: boolean;

  constructor({ inputs, outputs, styleWidth, upsamples }: StyledLayerOptions) {
    super();
    this.modulated_conv = new ModulatedConv2d(inputs, outputs, 3, styleWidth);
    this.bias = new Parameter([1, outputs, 1, 1], constant(0), 'channels');
    this.#upsamples = upsamples;
  }

  forward(x: Tensor4D, w: Tensor2D, noise: Tensor4D): Tensor4D {
    const y = this.modulated_conv.forward(this.#upsamples ? doubleBilinear(x) : x, w, true, GAIN);
    const noisy = tf.add(y, tf.mul<Tensor4D>(noise, this.weight.value));
    return leakyRelu(tf.add<Tensor4D>(noisy, this.bias.value), SLOPE);
  }
}

class ToRgb extends Module implements RgbLayer {
  readonly modulated_conv: ModulatedConv2d;
  readonly bias = new Parameter<Tensor1D>([1, 3, 1, 1], constant(0), 'channels');
  readonly #upsamples: boolean;

  constructor(inputs: number, styleWidth: number, upsamples: boolean) {
    super();
    this.modulated_conv = new ModulatedConv2d(inputs, 3, 1, styleWidth);
    this.#upsamples = upsamples;
  }

  forward(x: Tensor4D, w: Tensor2D, lower?: Tensor4D): Tensor4D {
    const image: Tensor4D = tf.add(this.modulated_conv.forward(x, w, false), this.bias.value);
    return lower ? tf.add(image, this.#upsamples ? doubleBilinear(lower) : lower) : image;
  }
}
