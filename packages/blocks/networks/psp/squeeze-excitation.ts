import { Conv2d, globalAveragePool, Module } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** Channels of the squeezed feature: the block's over this. */
const REDUCTION = 16;

/** Squeeze and excitation (Hu et al. 2018; pixel2style2pixel:models/encoders/helpers.py, SEModule): a factor for each channel. */
export class SqueezeExcitation extends Module {
  readonly fc1: Conv2d;
  readonly fc2: Conv2d;

  constructor(channels: number) {
    super();
    const squeezed = Math.max(1, Math.floor(channels / REDUCTION));
    this.fc1 = new Conv2d(channels, squeezed, { kernel: 1, bias: false });
    this.fc2 = new Conv2d(squeezed, channels, { kernel: 1, bias: false });
  }

  forward(x: Tensor4D): Tensor4D {
    const squeezed = tf.relu(this.fc1.forward(globalAveragePool(x)));
    return tf.mul(x, tf.sigmoid(this.fc2.forward(squeezed)));
  }
}
