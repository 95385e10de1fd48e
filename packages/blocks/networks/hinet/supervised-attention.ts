import type { Conv2d } from '@dualprior/core/nn';
import { Module } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { hinetConv, type HinetStyle } from './unet-conv-block.ts';

/**
 * Supervised attention module between the stages (Zamir et al. 2021, MPRNet; HINet:basicsr/models/archs/hinet_arch.py, class SAM):
 * makes the first stage's image and lets its features pass where that image needs them.
 */
export class SupervisedAttention extends Module {
  readonly conv1: Conv2d;
  readonly conv2: Conv2d;
  readonly conv3: Conv2d;

  constructor(channels: number, imageChannels: number, style: HinetStyle) {
    super();
    const conv3x3 = (inputs: number, outputs: number) => hinetConv(inputs, outputs, { kernel: 3, padding: 1 }, style);
    this.conv1 = conv3x3(channels, channels);
    this.conv2 = conv3x3(channels, imageChannels);
    this.conv3 = conv3x3(imageChannels, channels);
  }

  forward(features: Tensor4D, degraded: Tensor4D): { features: Tensor4D; image: Tensor4D } {
    const image = tf.add(this.conv2.forward(features), degraded) as Tensor4D;
    const attention = tf.sigmoid(this.conv3.forward(image));
    return { features: tf.add(tf.mul(this.conv1.forward(features), attention), features), image };
  }
}
