import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { FrozenBatchNorm2d } from '../trunks/frozen-batch-norm.ts';

/** `torch.nn.BatchNorm1d` of (N, C) in eval mode. */
export class FrozenBatchNorm1d extends FrozenBatchNorm2d {
  forwardVectors(x: Tensor2D): Tensor2D {
    const [batch, channels] = x.shape;
    return tf.reshape(this.forward(tf.reshape(x, [batch, 1, 1, channels])), [batch, channels]);
  }
}
