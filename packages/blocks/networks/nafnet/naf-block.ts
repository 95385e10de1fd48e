import {
  constant,
  Conv2d,
  DepthwiseConv2d,
  globalAveragePool,
  LayerNorm2d,
  Module,
  Parameter,
  repeated,
  simpleGate,
} from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { fastFeedForward } from './fast-feed-forward.ts';
import { fastMix } from './fast-mix.ts';

/** Turns a feature map into the one that attention takes its channel weights from: (N, H, W, C) to the same or (N, 1, 1, C). */
export type Pool = (x: Tensor4D) => Tensor4D;

interface NafBlockOptions {
  readonly channels: number;
  readonly depthwiseExpansion: number;
  readonly ffnExpansion: number;
  readonly pool: Pool;
}

/** NAFNet's block (Chen et al. 2022, figure 3c; NAFNet:basicsr/models/archs/NAFNet_arch.py, class NAFBlock). */
export class NafBlock extends Module {
  readonly beta: Parameter<Tensor1D>;
  readonly gamma: Parameter<Tensor1D>;
  readonly conv1: Conv2d;
  readonly conv2: DepthwiseConv2d;
  readonly conv3: Conv2d;
  /** Simplified channel attention; the official module has the pool at index 0. */
  readonly sca: readonly [null, Conv2d];
  readonly conv4: Conv2d;
  readonly conv5: Conv2d;
  readonly norm1: LayerNorm2d;
  readonly norm2: LayerNorm2d;
  readonly #pool: Pool;

  constructor({ channels, depthwiseExpansion, ffnExpansion, pool }: NafBlockOptions) {
    super();
    const depthwise = channels * depthwiseExpansion;
    const ffn = channels * ffnExpansion;
    this.conv1 = new Conv2d(channels, depthwise, { kernel: 1 });
    this.conv2 = new DepthwiseConv2d(depthwise, { kernel: 3, padding: 1 });
    this.conv3 = new Conv2d(depthwise / 2, channels, { kernel: 1 });
    this.sca = [null, new Conv2d(depthwise / 2, depthwise / 2, { kernel: 1 })];
    this.conv4 = new Conv2d(channels, ffn, { kernel: 1 });
    this.conv5 = new Conv2d(ffn / 2, channels, { kernel: 1 });
    this.norm1 = new LayerNorm2d(channels);
    this.norm2 = new LayerNorm2d(channels);
    this.beta = new Parameter([1, channels, 1, 1], constant(0), 'channels');
    this.gamma = new Parameter([1, channels, 1, 1], constant(0), 'channels');
    this.#pool = pool;
  }

  forward(input: Tensor4D): Tensor4D {
    if (this.#pool !== globalAveragePool) return this.compose(input);
    return repeated([this], 'naf-block', input, (x) => this.#fast(x));
  }

  /** The block layer by layer. `forward` computes the same values in a third of the time. */
  compose(input: Tensor4D): Tensor4D {
    const y = tf.add(input, tf.mul(this.#mix(input), this.beta.value)) as Tensor4D;
    return tf.add(y, tf.mul(this.#feedForward(y), this.gamma.value));
  }

  #mix(input: Tensor4D): Tensor4D {
    const x = simpleGate(this.conv2.forward(this.conv1.forward(this.norm1.forward(input))));
    const attention = this.sca[1].forward(this.#pool(x));
    return this.conv3.forward(tf.mul(x, attention));
  }

  #feedForward(y: Tensor4D): Tensor4D {
    return this.conv5.forward(simpleGate(this.conv4.forward(this.norm2.forward(y))));
  }

  #fast(x: Tensor4D): Tensor4D {
    const { norm1, conv1, conv2, sca, conv3, beta, norm2, conv4, conv5, gamma } = this;
    const y = fastMix({
      x,
      normWeight: norm1.weight.value,
      normBias: norm1.bias.value,
      expandWeight: conv1.weight.value,
      expandBias: conv1.bias!.value,
      depthwiseWeight: conv2.weight.value,
      depthwiseBias: conv2.bias!.value,
      attentionWeight: sca[1].weight.value,
      attentionBias: sca[1].bias!.value,
      projectWeight: conv3.weight.value,
      projectBias: conv3.bias!.value,
      beta: beta.value,
    });
    return fastFeedForward({
      x: y,
      normWeight: norm2.weight.value,
      normBias: norm2.bias.value,
      expandWeight: conv4.weight.value,
      expandBias: conv4.bias!.value,
      projectWeight: conv5.weight.value,
      projectBias: conv5.bias!.value,
      gamma: gamma.value,
    });
  }
}
