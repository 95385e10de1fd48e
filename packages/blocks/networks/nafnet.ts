import { Conv2d, globalAveragePool, inParallel, Module, pixelShuffle, UserError } from '@dualprior/core/nn';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { localAveragePool } from './nafnet/local-pool.ts';
import { NafBlock, type Pool } from './nafnet/naf-block.ts';
import { readNafNet } from './nafnet/read.ts';
import { networks, type Restoration, type Restorer } from './network.ts';

const blocks = (fallback: number[], description: string) =>
  Type.Array(Type.Integer({ minimum: 0, maximum: 1000 }), { maxItems: 10, default: fallback, description });

const Options = Type.Object({
  width: Type.Integer({
    minimum: 1,
    maximum: 4096,
    default: 32,
    description: 'channels at full resolution; each level down doubles them',
  }),
  encoderBlocks: blocks([1, 1, 1, 28], 'blocks of each encoder level; the image is halved after each'),
  middleBlocks: Type.Integer({ minimum: 0, maximum: 1000, default: 1, description: 'blocks at the lowest resolution' }),
  decoderBlocks: blocks([1, 1, 1, 1], 'blocks of each decoder level, from the lowest resolution up'),
  imageChannels: Type.Integer({ minimum: 1, maximum: 64, default: 3, description: 'channels of the image' }),
  depthwiseExpansion: Type.Integer({
    minimum: 1,
    maximum: 64,
    default: 2,
    description: 'channels of the depthwise convolution over those of the block (DW_Expand)',
  }),
  ffnExpansion: Type.Integer({
    minimum: 1,
    maximum: 64,
    default: 2,
    description: 'channels of the feed-forward part over those of the block (FFN_Expand)',
  }),
  local: Type.Optional(
    Type.Object(
      {
        trainSize: Type.Array(Type.Integer({ minimum: 1 }), {
          minItems: 2,
          maxItems: 2,
          default: [256, 256],
          description: 'height and width of the crops that the network was trained on, in pixels',
        }),
        fast: Type.Boolean({
          default: false,
          description: 'sample the windows coarsely: faster, a little different (fast_imp)',
        }),
      },
      {
        additionalProperties: false,
        description:
          'test-time local converter (TLC, the official NAFNetLocal): means over windows of 1.5 times the training size instead of over the whole image; for restoring images larger than the training crops',
      },
    ),
  ),
});

/**
 * NAFNet (Chen et al. 2022, "Simple Baselines for Image Restoration"; NAFNet:basicsr/models/archs/NAFNet_arch.py), a U-Net of
 * blocks without activation functions. Images of any size: zeros fill them up at the right and bottom.
 *
 * The official block's `drop_out_rate` is not here: the official network never sets it, and all its configurations train without.
 */
@networks.component({
  type: 'nafnet',
  description: 'NAFNet, a U-Net without activation functions (Chen et al. 2022)',
  options: Options,
})
export class NafNet extends Module implements Restorer {
  static readonly recognise = readNafNet;
  static readonly officialCode = 'https://github.com/megvii-research/NAFNet';
  readonly multiple = 1;
  readonly intro: Conv2d;
  readonly ending: Conv2d;
  readonly encoders: NafBlock[][];
  readonly decoders: NafBlock[][];
  readonly middle_blks: NafBlock[];
  /** 1x1 convolutions whose channels a pixel shuffle then spreads. */
  readonly ups: [Conv2d][];
  readonly downs: Conv2d[];

  constructor(options: Static<typeof Options>) {
    super();
    const { width, encoderBlocks, middleBlocks, decoderBlocks, imageChannels } = options;
    validate(options);
    const levels = encoderBlocks.length;
    const channels = (level: number) => width * 2 ** level;
    const level = (depth: number, count: number) => Array.from({ length: count }, () => block(options, depth));

    this.intro = new Conv2d(imageChannels, width, { kernel: 3, padding: 1 });
    this.ending = new Conv2d(width, imageChannels, { kernel: 3, padding: 1 });
    this.encoders = encoderBlocks.map((count, i) => level(i, count));
    this.downs = encoderBlocks.map((_, i) => new Conv2d(channels(i), channels(i + 1), { kernel: 2, stride: 2 }));
    this.middle_blks = level(levels, middleBlocks);
    this.ups = decoderBlocks.map((_, i) => [
      new Conv2d(channels(levels - i), 2 * channels(levels - i), { kernel: 1, bias: false }),
    ]);
    this.decoders = decoderBlocks.map((count, i) => level(levels - 1 - i, count));
  }

  get stride(): number {
    return 2 ** this.encoders.length;
  }

  restore(degraded: Tensor4D): Restoration {
    const [batch, height, width, channels] = degraded.shape;
    const expected = this.ending.weight.shape[0]!;
    if (channels !== expected) {
      throw new UserError(`nafnet: an image has ${channels} channels, but imageChannels is ${expected}.`);
    }
    const restored = inParallel(this.#pad(degraded), (image) => {
      const features = this.#decode(...this.#encode(this.intro.forward(image)));
      return tf.add(this.ending.forward(features), image);
    });
    return { image: tf.slice(restored, [0, 0, 0, 0], [batch, height, width, channels]) as Tensor4D, auxiliary: [] };
  }

  /** Features at the lowest resolution, and those of each level on the way, finest first. */
  #encode(features: Tensor4D): [Tensor4D, Tensor4D[]] {
    let x = features;
    const skips = this.encoders.map((encoder, i) => {
      const skip = through(encoder, x);
      x = this.downs[i]!.forward(skip);
      return skip;
    });
    return [through(this.middle_blks, x), skips];
  }

  #decode(features: Tensor4D, skips: Tensor4D[]): Tensor4D {
    return this.decoders.reduce((x, decoder, i) => {
      const larger = pixelShuffle(this.ups[i]![0].forward(x), 2);
      return through(decoder, tf.add(larger, skips.at(-1 - i)!));
    }, features);
  }

  /** Zeros at the right and bottom, up to the next multiple of what the levels halve. */
  #pad(image: Tensor4D): Tensor4D {
    const [, height, width] = image.shape;
    const missing = (length: number): [number, number] => [0, (this.stride - (length % this.stride)) % this.stride];
    return tf.pad(image, [[0, 0], missing(height), missing(width), [0, 0]]);
  }
}

function block(options: Static<typeof Options>, level: number): NafBlock {
  const { width, depthwiseExpansion, ffnExpansion } = options;
  return new NafBlock({ channels: width * 2 ** level, depthwiseExpansion, ffnExpansion, pool: pool(options, level) });
}

function pool({ local, encoderBlocks }: Static<typeof Options>, level: number): Pool {
  if (!local) return globalAveragePool;
  const multiple = 2 ** encoderBlocks.length;
  const extent = (train: number) => ({ train, level: (Math.ceil(train / multiple) * multiple) / 2 ** level });
  const [height, width] = local.trainSize as [number, number];
  return localAveragePool(extent(height), extent(width), local.fast);
}

function through(blocks: readonly NafBlock[], x: Tensor4D): Tensor4D {
  return blocks.reduce((features, block) => block.forward(features), x);
}

function validate({
  width,
  encoderBlocks,
  decoderBlocks,
  depthwiseExpansion,
  ffnExpansion,
}: Static<typeof Options>): void {
  if (encoderBlocks.length !== decoderBlocks.length) {
    throw new UserError(
      `nafnet: encoderBlocks has ${encoderBlocks.length} levels and decoderBlocks ${decoderBlocks.length}; the image only gets its size back if they are equally many.`,
    );
  }
  for (const [name, expansion] of Object.entries({ depthwiseExpansion, ffnExpansion })) {
    if ((width * expansion) % 2 !== 0) {
      throw new UserError(
        `nafnet: width times ${name} is ${width * expansion}, but it is gated in two halves and must be even.`,
      );
    }
  }
}
