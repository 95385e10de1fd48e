import { Module, repeated } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { ChannelAttention } from './channel-attention.ts';
import { FeedForward } from './feed-forward.ts';
import { LayerNorm, type Normalization } from './layer-norm.ts';

export interface BlockOptions {
  readonly channels: number;
  /** A divisor of `channels`. */
  readonly heads: number;
  readonly ffnExpansion: number;
  readonly bias: boolean;
  readonly normalization: Normalization;
}

/** Restormer's block: attention between channels, then the feed-forward part, each normalised and added (Zamir et al. 2022, figure 2). */
export class TransformerBlock extends Module {
  readonly norm1: LayerNorm;
  readonly attn: ChannelAttention;
  readonly norm2: LayerNorm;
  readonly ffn: FeedForward;
  readonly #structure: string;

  constructor({ channels, heads, ffnExpansion, bias, normalization }: BlockOptions) {
    super();
    this.norm1 = new LayerNorm(channels, normalization);
    this.attn = new ChannelAttention(channels, heads, bias);
    this.norm2 = new LayerNorm(channels, normalization);
    this.ffn = new FeedForward(channels, Math.floor(channels * ffnExpansion), bias);
    this.#structure = `restormer-block heads=${heads} ${normalization} bias=${bias}`;
  }

  /** (N, H, W, C) to the same. */
  forward(input: Tensor4D): Tensor4D {
    return repeated([this], this.#structure, input, (x) => {
      const attended: Tensor4D = tf.add(x, this.attn.forward(this.norm1.forward(x)));
      return tf.add(attended, this.ffn.forward(this.norm2.forward(attended)));
    });
  }
}
