import { Conv2d, DepthwiseConv2d, Module } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** Gated-Dconv feed-forward network (Zamir et al. 2022, equation 2): one half of the hidden channels, through a GELU, opens the other. */
export class FeedForward extends Module {
  readonly project_in: Conv2d;
  readonly dwconv: DepthwiseConv2d;
  readonly project_out: Conv2d;

  constructor(channels: number, hidden: number, bias: boolean) {
    super();
    this.project_in = new Conv2d(channels, 2 * hidden, { kernel: 1, bias });
    this.dwconv = new DepthwiseConv2d(2 * hidden, { kernel: 3, padding: 1, bias });
    this.project_out = new Conv2d(hidden, channels, { kernel: 1, bias });
  }

  /** (N, H, W, C) to the same. */
  forward(x: Tensor4D): Tensor4D {
    const [gate, features] = tf.split(this.dwconv.forward(this.project_in.forward(x)), 2, 3) as [Tensor4D, Tensor4D];
    return this.project_out.forward(tf.mul(gelu(gate), features));
  }
}

/** x times the normal distribution function of x, not its approximation (Hendrycks and Gimpel 2016). */
function gelu(x: Tensor4D): Tensor4D {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}
