import { type Conv2d, Module, UserError, ConvTranspose2d } from '@dualprior/core/nn';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { readHiNet } from './hinet/read.ts';
import { SupervisedAttention } from './hinet/supervised-attention.ts';
import { hinetConv, UNetConvBlock, type HinetStyle } from './hinet/unet-conv-block.ts';
import { networks, type Restoration, type Restorer } from './network.ts';

const Options = Type.Object({
  width: Type.Integer({
    minimum: 1,
    maximum: 4096,
    default: 64,
    description: 'channels at full resolution; each level down doubles them (wf)',
  }),
  depth: Type.Integer({
    minimum: 1,
    maximum: 12,
    default: 5,
    description: 'levels of each of the two U-Nets; the image is halved between them',
  }),
  reluSlope: Type.Number({ minimum: 0, maximum: 1, default: 0.2, description: 'negative slope of the leaky ReLUs' }),
  hinPositionLeft: Type.Integer({
    minimum: 0,
    default: 0,
    description: 'first encoder level with half instance normalisation',
  }),
  hinPositionRight: Type.Integer({
    minimum: -1,
    default: 4,
    description: 'last encoder level with half instance normalisation; below hinPositionLeft: none',
  }),
  imageChannels: Type.Integer({ minimum: 1, maximum: 64, default: 3, description: 'channels of the image' }),
  initialization: Type.Union([Type.Literal('orthogonal'), Type.Literal('pytorch')], {
    default: 'pytorch',
    description:
      "initial weights of the convolutions: PyTorch's default, as the official code trains (it never calls its `_initialize`), or orthogonal with zero biases, as `_initialize` has it",
  }),
});

/**
 * HINet (Chen et al. 2021, "HINet: Half Instance Normalization Network for Image Restoration";
 * HINet:basicsr/models/archs/hinet_arch.py): two U-Nets, the second one refines with the features of the first. Image sides
 * must be multiples of 2^(depth - 1); nothing is padded. `auxiliary` holds the image of the first stage.
 */
@networks.component({
  type: 'hinet',
  description: 'HINet, two U-Nets with half instance normalisation (Chen et al. 2021)',
  options: Options,
})
export class HiNet extends Module implements Restorer {
  static readonly recognise = readHiNet;
  static readonly officialCode = 'https://github.com/megvii-model/HINet';
  readonly multiple: number;
  readonly down_path_1: UNetConvBlock[];
  readonly down_path_2: UNetConvBlock[];
  readonly conv_01: Conv2d;
  readonly conv_02: Conv2d;
  readonly up_path_1: UNetUpBlock[];
  readonly up_path_2: UNetUpBlock[];
  readonly skip_conv_1: Conv2d[];
  readonly skip_conv_2: Conv2d[];
  readonly sam12: SupervisedAttention;
  readonly cat12: Conv2d;
  readonly last: Conv2d;

  constructor(options: Static<typeof Options>) {
    super();
    const { width, depth, imageChannels, hinPositionLeft, hinPositionRight } = options;
    validate(options);
    this.multiple = 2 ** (depth - 1);
    const style: HinetStyle = options;
    const conv3 = (inputs: number, outputs: number) => hinetConv(inputs, outputs, { kernel: 3, padding: 1 }, style);
    const channels = (level: number) => width * 2 ** level;
    const down = (level: number, stage: 1 | 2) => {
      const downsample = level + 1 < depth;
      const halfNorm = hinPositionLeft <= level && level <= hinPositionRight;
      const shape = { downsample, halfNorm, fusion: downsample && stage === 2 };
      return new UNetConvBlock(channels(Math.max(level - 1, 0)), channels(level), shape, style);
    };
    const downward = Array.from({ length: depth }, (_, level) => level);
    const upward = downward.slice(0, -1).reverse();

    this.conv_01 = conv3(imageChannels, width);
    this.conv_02 = conv3(imageChannels, width);
    this.down_path_1 = downward.map((level) => down(level, 1));
    this.down_path_2 = downward.map((level) => down(level, 2));
    this.up_path_1 = upward.map((level) => new UNetUpBlock(channels(level + 1), channels(level), style));
    this.up_path_2 = upward.map((level) => new UNetUpBlock(channels(level + 1), channels(level), style));
    this.skip_conv_1 = upward.map((level) => conv3(channels(level), channels(level)));
    this.skip_conv_2 = upward.map((level) => conv3(channels(level), channels(level)));
    this.sam12 = new SupervisedAttention(width, imageChannels, style);
    this.cat12 = hinetConv(2 * width, width, { kernel: 1 }, style);
    this.last = conv3(width, imageChannels);
  }

  restore(degraded: Tensor4D): Restoration {
    this.#checkSize(degraded);
    const first = encode(this.down_path_1, this.conv_01.forward(degraded));
    const decoded = decode(this.up_path_1, this.skip_conv_1, first);
    const attention = this.sam12.forward(decoded.at(-1)!, degraded);

    const joined = this.cat12.forward(tf.concat([this.conv_02.forward(degraded), attention.features], 3));
    const fusion = first.skips.map((encoder, i) => ({ encoder, decoder: decoded.at(-1 - i)! }));
    const second = encode(this.down_path_2, joined, fusion);
    const refined = decode(this.up_path_2, this.skip_conv_2, second).at(-1)!;
    return { image: tf.add(this.last.forward(refined), degraded), auxiliary: [attention.image] };
  }

  #checkSize({ shape: [, height, width, channels] }: Tensor4D): void {
    const expected = this.last.weight.shape[0]!;
    if (channels !== expected) {
      throw new UserError(`hinet: an image has ${channels} channels, but imageChannels is ${expected}.`);
    }
    if (height % this.multiple !== 0 || width % this.multiple !== 0) {
      throw new UserError(
        `hinet: an image is ${width}x${height}, but with this depth its sides must be multiples of ${this.multiple}.`,
      );
    }
  }
}

interface Encoded {
  readonly lowest: Tensor4D;
  /** Features of each level above the lowest, finest first. */
  readonly skips: Tensor4D[];
}

function encode(
  path: readonly UNetConvBlock[],
  input: Tensor4D,
  fusion: { encoder: Tensor4D; decoder: Tensor4D }[] = [],
): Encoded {
  let x = input;
  const levels = path.map((block, i) => {
    const { full, half } = block.forward(x, fusion[i]);
    x = half;
    return full;
  });
  return { lowest: x, skips: levels.slice(0, -1) };
}

/** Features of each decoder level, coarsest first; of a network of one level those of the encoder. */
function decode(path: readonly UNetUpBlock[], bridges: readonly Conv2d[], { lowest, skips }: Encoded): Tensor4D[] {
  let x = lowest;
  const levels = path.map((block, i) => (x = block.forward(x, bridges[i]!.forward(skips.at(-1 - i)!))));
  return levels.length > 0 ? levels : [lowest];
}

function validate({ width, hinPositionLeft, hinPositionRight }: Static<typeof Options>): void {
  if (width % 2 !== 0 && hinPositionLeft === 0 && hinPositionRight >= 0) {
    throw new UserError(
      `hinet: width is ${width}, but half instance normalisation splits it in two halves; it must be even.`,
    );
  }
}

/** Doubles the size and joins the encoder's features (HINet:basicsr/models/archs/hinet_arch.py, class UNetUpBlock). */
class UNetUpBlock extends Module {
  readonly up: ConvTranspose2d;
  readonly conv_block: UNetConvBlock;

  constructor(inputs: number, outputs: number, style: HinetStyle) {
    super();
    this.up = new ConvTranspose2d(inputs, outputs);
    this.conv_block = new UNetConvBlock(inputs, outputs, { downsample: false, halfNorm: false, fusion: false }, style);
  }

  forward(x: Tensor4D, bridge: Tensor4D): Tensor4D {
    return this.conv_block.forward(tf.concat([this.up.forward(x), bridge], 3)).full;
  }
}
