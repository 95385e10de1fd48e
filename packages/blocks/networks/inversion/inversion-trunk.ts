import { BatchNorm2d, Conv2d, constant, leakyRelu, Module, normal } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

const SLOPE = 0.2;
const CONVOLUTIONS = 3;

export interface InversionTrunkOptions {
  /** Height and width of the images it takes. */
  readonly inputSize: number;
  /** Height and width of f. */
  readonly resolution: number;
  /** Channels of f. */
  readonly channels: number;
  /** Channels of the first stage. */
  readonly filterMin: number;
  /** Each further stage has twice as many channels as the one before, but at most this many. */
  readonly filterMax: number;
}

/** Channels of each stage, from the image on. */
export function stageWidths(options: Omit<InversionTrunkOptions, 'channels'>): number[] {
  const { inputSize, resolution, filterMin, filterMax } = options;
  const widths: number[] = [];
  for (let size = inputSize, width = filterMin; size > resolution; size /= 2, width = Math.min(2 * width, filterMax)) {
    widths.push(width);
  }
  return widths;
}

/**
 * BDInvert's base-code encoder (Kang et al. 2021; BDInvert_Release:models/stylegan_basecode_encoder.py, encoder_simple): stages of three
 * 3x3 convolutions with batch normalisation and leaky ReLU, each ending with a 2x2 average pool, then one more such convolution, to the
 * channels of f, and a plain one.
 */
export class InversionTrunk extends Module {
  /** The official layers by their official indices; activations and pools have no parameters and are null. */
  readonly model: (Conv2d | BatchNorm2d | null)[] = [];
  /** Channels of the intermediate feature. */
  readonly width: number;
  readonly #stages: [Conv2d, BatchNorm2d][][] = [];
  readonly #ending: { readonly hidden: [Conv2d, BatchNorm2d]; readonly last: Conv2d };

  constructor(options: InversionTrunkOptions) {
    super();
    const { channels } = options;
    let inputs = 3;
    for (const outputs of stageWidths(options)) {
      const stage = Array.from({ length: CONVOLUTIONS }, (_, i) => this.#add(i === 0 ? inputs : outputs, outputs));
      this.#stages.push(stage);
      this.model.push(null);
      inputs = outputs;
    }
    this.width = inputs;
    const hidden = this.#add(inputs, channels);
    const last = convolution(channels, channels);
    this.model.push(last);
    this.#ending = { hidden, last };
  }

  forward(image: Tensor4D): { intermediate: Tensor4D; feature: Tensor4D } {
    const intermediate = this.#stages.reduce((x, stage) => tf.avgPool(stage.reduce(block, x), 2, 2, 'valid'), image);
    const { hidden, last } = this.#ending;
    return { intermediate, feature: last.forward(block(intermediate, hidden)) };
  }

  #add(inputs: number, outputs: number): [Conv2d, BatchNorm2d] {
    const pair: [Conv2d, BatchNorm2d] = [convolution(inputs, outputs), new BatchNorm2d(outputs)];
    this.model.push(...pair, null);
    return pair;
  }
}

function block(x: Tensor4D, [convolve, norm]: [Conv2d, BatchNorm2d]): Tensor4D {
  return leakyRelu(norm.forward(convolve.forward(x)), SLOPE);
}

const KERNEL = 3;

/** Initialised as the official code does: He et al. 2015, normal, over the outputs ("fan out"). */
function convolution(inputs: number, outputs: number): Conv2d {
  const deviation = Math.sqrt(2 / (outputs * KERNEL ** 2));
  const initial = { weight: normal(deviation), bias: constant(0) };
  return new Conv2d(inputs, outputs, { kernel: KERNEL, padding: 1, initial });
}
