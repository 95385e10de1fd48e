import {
  constant,
  Conv2d,
  InstanceNorm2d,
  leakyRelu,
  leakyReluGain,
  Module,
  orthogonal,
  repeated,
  type Conv2dOptions,
} from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** What all blocks of a HINet share. */
export interface HinetStyle {
  readonly reluSlope: number;
  readonly initialization: 'orthogonal' | 'pytorch';
}

/** Slope whose gain the official initialisation takes, whatever the network's own slope is. */
const GAIN_SLOPE = 0.2;

/** A convolution of HINet, initialised as the network's style says. */
export function hinetConv(
  inputs: number,
  outputs: number,
  options: Conv2dOptions,
  { initialization }: HinetStyle,
): Conv2d {
  if (initialization === 'pytorch') return new Conv2d(inputs, outputs, options);
  const initial = { weight: orthogonal(leakyReluGain(GAIN_SLOPE)), bias: constant(0) };
  return new Conv2d(inputs, outputs, { ...options, initial });
}

interface UNetConvBlockOptions {
  /** Ends with a convolution that halves the size. */
  readonly downsample: boolean;
  /** Instance normalisation of half the channels after the first convolution (HIN). */
  readonly halfNorm: boolean;
  /** Adds the features of the first stage (cross-stage feature fusion, CSFF). */
  readonly fusion: boolean;
}

/** HIN block and residual block (Chen et al. 2021, figure 3; HINet:basicsr/models/archs/hinet_arch.py, class UNetConvBlock). */
export class UNetConvBlock extends Module {
  readonly identity: Conv2d;
  readonly conv_1: Conv2d;
  readonly conv_2: Conv2d;
  readonly csff_enc: Conv2d | undefined;
  readonly csff_dec: Conv2d | undefined;
  readonly norm: InstanceNorm2d | undefined;
  readonly downsample: Conv2d | undefined;
  readonly #slope: number;

  constructor(
    inputs: number,
    outputs: number,
    { downsample, halfNorm, fusion }: UNetConvBlockOptions,
    style: HinetStyle,
  ) {
    super();
    const conv3 = (from: number) => hinetConv(from, outputs, { kernel: 3, padding: 1 }, style);
    this.identity = hinetConv(inputs, outputs, { kernel: 1 }, style);
    this.conv_1 = conv3(inputs);
    this.conv_2 = conv3(outputs);
    this.csff_enc = fusion ? conv3(outputs) : undefined;
    this.csff_dec = fusion ? conv3(outputs) : undefined;
    this.norm = halfNorm ? new InstanceNorm2d(Math.floor(outputs / 2)) : undefined;
    this.downsample = downsample
      ? hinetConv(outputs, outputs, { kernel: 4, stride: 2, padding: 1, bias: false }, style)
      : undefined;
    this.#slope = style.reluSlope;
  }

  /**
   * Features at full and, if the block halves, at half size.
   * @param firstStage encoder and decoder features of the first stage at this level
   */
  forward(x: Tensor4D, firstStage?: { encoder: Tensor4D; decoder: Tensor4D }): { full: Tensor4D; half: Tensor4D } {
    const { conv_1, norm, conv_2, identity } = this;
    const parts = norm ? [conv_1, norm, conv_2, identity] : [conv_1, conv_2, identity];
    let full = repeated(parts, `hin-block ${this.#slope}`, x, (input) => this.#residual(input));
    if (firstStage && this.csff_enc && this.csff_dec) {
      full = tf.addN([full, this.csff_enc.forward(firstStage.encoder), this.csff_dec.forward(firstStage.decoder)]);
    }
    return { full, half: this.downsample ? this.downsample.forward(full) : full };
  }

  #residual(x: Tensor4D): Tensor4D {
    const hidden = leakyRelu(this.#normalizeHalf(this.conv_1.forward(x)), this.#slope);
    return tf.add(leakyRelu(this.conv_2.forward(hidden), this.#slope), this.identity.forward(x));
  }

  #normalizeHalf(x: Tensor4D): Tensor4D {
    if (!this.norm) return x;
    const [normalized, rest] = tf.split(x, 2, 3) as [Tensor4D, Tensor4D];
    return tf.concat([this.norm.forward(normalized), rest], 3);
  }
}
