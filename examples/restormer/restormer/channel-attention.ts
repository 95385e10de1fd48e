import { constant, Conv2d, DepthwiseConv2d, Module, Parameter } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';

/** What lengths are kept above, as in `torch.nn.functional.normalize`; squared. */
const LEAST = 1e-12 ** 2;

/**
 * Multi-Dconv head transposed attention (Zamir et al. 2022, equation 1): channels attend to the channels of their head, by the cosines
 * between them as images, so that the cost grows with the pixels and not with their square.
 */
export class ChannelAttention extends Module {
  readonly temperature: Parameter<Tensor3D>;
  readonly qkv: Conv2d;
  readonly qkv_dwconv: DepthwiseConv2d;
  readonly project_out: Conv2d;

  constructor(
    channels: number,
    private readonly heads: number,
    bias: boolean,
  ) {
    super();
    this.temperature = new Parameter([heads, 1, 1], constant(1), 'same');
    this.qkv = new Conv2d(channels, 3 * channels, { kernel: 1, bias });
    this.qkv_dwconv = new DepthwiseConv2d(3 * channels, { kernel: 3, padding: 1, bias });
    this.project_out = new Conv2d(channels, channels, { kernel: 1, bias });
  }

  /** (N, H, W, C) to the same. */
  forward(x: Tensor4D): Tensor4D {
    const all = this.qkv_dwconv.forward(this.qkv.forward(x));
    const [query, key, value] = this.#byHead(all) as [Tensor4D, Tensor4D, Tensor4D];
    const cosines: Tensor4D = tf.matMul(unitColumns(query), unitColumns(key), true, false);
    const scaled: Tensor4D = tf.mul(cosines, this.temperature.value); // (N, heads, C / heads, C / heads)
    const attention = tf.softmax(scaled);
    const attended: Tensor4D = tf.matMul(value, attention, false, true);
    const together = tf.reshape<tf.Rank.R4>(tf.transpose(attended, [0, 2, 1, 3]), x.shape);
    return this.project_out.forward(together);
  }

  /** (N, H, W, 3 C) to three of (N, heads, H W, C / heads). */
  #byHead(x: Tensor4D): Tensor4D[] {
    const [batch, height, width, channels] = x.shape;
    const shape: Tensor4D['shape'] = [batch, height * width, this.heads, channels / 3 / this.heads];
    return tf.split(x, 3, 3).map((part) => tf.transpose(tf.reshape<tf.Rank.R4>(part, shape), [0, 2, 1, 3]));
  }
}

/** Each channel as an image of length 1. One that is zero stays zero, and its gradient finite. */
function unitColumns(x: Tensor4D): Tensor4D {
  const squares = tf.sum(tf.square(x), 2, true);
  return tf.mul(x, tf.rsqrt(tf.maximum(squares, LEAST)));
}
