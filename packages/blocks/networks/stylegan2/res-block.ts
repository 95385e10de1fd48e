import { Module } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { ConvLayer } from './conv-layer.ts';

interface ResBlockOptions {
  /** Whether the state dict holds the blurs. Default true. */
  readonly storesBlur?: boolean;
  /** The clamp of the two convolutions; the skip connection has none. Default: none. */
  readonly clamp?: number | undefined;
}

/** Two convolutions that halve the image, and a skip connection (rosinality, ResBlock): f(x) / sqrt(2) + skip(x) / sqrt(2). */
export class ResBlock extends Module {
  readonly conv1: ConvLayer;
  readonly conv2: ConvLayer;
  readonly skip: ConvLayer;

  constructor(inputs: number, outputs: number, { storesBlur = true, clamp }: ResBlockOptions = {}) {
    super();
    this.conv1 = new ConvLayer({ inputs, outputs: inputs, kernel: 3, clamp });
    const halving = { inputs, outputs, downsample: true, gain: Math.SQRT1_2, storesBlur };
    this.conv2 = new ConvLayer({ ...halving, kernel: 3, clamp });
    this.skip = new ConvLayer({ ...halving, kernel: 1, activate: false });
  }

  forward(x: Tensor4D): Tensor4D {
    return tf.add(this.conv2.forward(this.conv1.forward(x)), this.skip.forward(x));
  }
}
