import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { imageMean, seesPart } from '../image-mean.ts';
import { AffineNorm2d } from './affine-norm2d.ts';

/** `torch.nn.InstanceNorm2d(channels, affine=True)`: every channel of every image normalised over its pixels. */
export class InstanceNorm2d extends AffineNorm2d {
  constructor(channels: number, epsilon = 1e-5) {
    super(channels, [1, 2], epsilon);
  }

  override forward(x: Tensor4D): Tensor4D {
    if (!seesPart()) return super.forward(x);
    const centred: Tensor4D = tf.sub(x, imageMean(x));
    const inverse = tf.rsqrt(tf.add(imageMean(tf.square(centred)), this.epsilon));
    return tf.add(tf.mul(tf.mul(centred, inverse), this.weight.value), this.bias.value);
  }
}
