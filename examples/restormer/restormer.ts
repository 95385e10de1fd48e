import { networks, type Restoration, type Restorer } from '@dualprior/blocks';
import { Conv2d, Module, UserError } from '@dualprior/core/nn';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { padToMultiple } from './restormer/pad-to-multiple.ts';
import { Downsample, Upsample } from './restormer/resampling.ts';
import { TransformerBlock, type BlockOptions } from './restormer/transformer-block.ts';

/** Resolutions: the image is halved between them. */
const LEVELS = 4;

const perLevel = (fallback: number[], minimum: number, description: string) =>
  Type.Array(Type.Integer({ minimum, maximum: 1000 }), {
    minItems: LEVELS,
    maxItems: LEVELS,
    default: fallback,
    description,
  });

const Options = Type.Object({
  width: Type.Integer({
    minimum: 1,
    maximum: 4096,
    default: 48,
    description: 'channels at full resolution; each level down doubles them (dim)',
  }),
  blocks: perLevel([4, 6, 6, 8], 0, 'blocks of each level, from full resolution down (num_blocks)'),
  refinementBlocks: Type.Integer({
    minimum: 0,
    maximum: 1000,
    default: 4,
    description: 'blocks at full resolution behind the decoder (num_refinement_blocks)',
  }),
  heads: perLevel([1, 2, 4, 8], 1, 'heads of the attention of each level'),
  ffnExpansion: Type.Number({
    minimum: 0.1,
    maximum: 64,
    default: 2.66,
    description: 'channels of the feed-forward part over those of the block (ffn_expansion_factor)',
  }),
  bias: Type.Boolean({
    default: false,
    description: 'whether convolutions have a bias; the first one and those that resample never do',
  }),
  normalization: Type.Union([Type.Literal('with-bias'), Type.Literal('bias-free')], {
    default: 'with-bias',
    description: 'layer normalisation; bias-free neither centres nor shifts, which suits denoising (LayerNorm_type)',
  }),
  imageChannels: Type.Integer({ minimum: 1, maximum: 64, default: 3, description: 'channels of the image' }),
});

/**
 * Restormer (Zamir et al. 2022, "Restormer: Efficient Transformer for High-Resolution Image Restoration";
 * Restormer:basicsr/models/archs/restormer_arch.py): a U-Net of transformer blocks whose attention is between channels. Images of
 * any size from 8 pixels: a reflected border fills them up, as in the official test script.
 *
 * The official `dual_pixel_task`, which restores one image from two, is not here.
 */
@networks.component({
  type: 'restormer',
  description: 'Restormer, a U-Net of transformer blocks (Zamir et al. 2022)',
  options: Options,
})
export class Restormer extends Module implements Restorer {
  readonly multiple = 1;
  readonly patch_embed: PatchEmbedding;
  readonly encoder_level1: TransformerBlock[];
  readonly down1_2: Downsample;
  readonly encoder_level2: TransformerBlock[];
  readonly down2_3: Downsample;
  readonly encoder_level3: TransformerBlock[];
  readonly down3_4: Downsample;
  readonly latent: TransformerBlock[];
  readonly up4_3: Upsample;
  readonly reduce_chan_level3: Conv2d;
  readonly decoder_level3: TransformerBlock[];
  readonly up3_2: Upsample;
  readonly reduce_chan_level2: Conv2d;
  readonly decoder_level2: TransformerBlock[];
  readonly up2_1: Upsample;
  readonly decoder_level1: TransformerBlock[];
  readonly refinement: TransformerBlock[];
  readonly output: Conv2d;

  constructor(options: Static<typeof Options>) {
    super();
    const { width, blocks, refinementBlocks, heads, imageChannels, bias } = options;
    validate(options);
    /** Channels of a level, counted as the official code does: from 1. */
    const channels = (level: number) => width * 2 ** (level - 1);
    /** Blocks with the heads of a level. */
    const stack = (level: number, count = blocks[level - 1]!, wide = channels(level)) => {
      const shape: BlockOptions = { ...options, channels: wide, heads: heads[level - 1]! };
      return Array.from({ length: count }, () => new TransformerBlock(shape));
    };
    const reduce = (level: number) => new Conv2d(channels(level + 1), channels(level), { kernel: 1, bias });

    this.patch_embed = new PatchEmbedding(imageChannels, width);
    this.encoder_level1 = stack(1);
    this.down1_2 = new Downsample(channels(1));
    this.encoder_level2 = stack(2);
    this.down2_3 = new Downsample(channels(2));
    this.encoder_level3 = stack(3);
    this.down3_4 = new Downsample(channels(3));
    this.latent = stack(4);
    this.up4_3 = new Upsample(channels(4));
    this.reduce_chan_level3 = reduce(3);
    this.decoder_level3 = stack(3);
    this.up3_2 = new Upsample(channels(3));
    this.reduce_chan_level2 = reduce(2);
    this.decoder_level2 = stack(2);
    this.up2_1 = new Upsample(channels(2));
    // Nothing reduces the channels of the finest level: it has those of the second.
    this.decoder_level1 = stack(1, blocks[0], channels(2));
    this.refinement = stack(1, refinementBlocks, channels(2));
    this.output = new Conv2d(channels(2), imageChannels, { kernel: 3, padding: 1, bias });
  }

  restore(degraded: Tensor4D): Restoration {
    const [batch, height, width, channels] = degraded.shape;
    const expected = this.output.weight.shape[0]!;
    if (channels !== expected) {
      throw new UserError(`restormer: an image has ${channels} channels, but imageChannels is ${expected}.`);
    }
    const image = padToMultiple(degraded, 2 ** (LEVELS - 1));
    const restored = tf.add(this.output.forward(this.#features(image)), image);
    return { image: tf.slice(restored, [0, 0, 0, 0], [batch, height, width, channels]) as Tensor4D, auxiliary: [] };
  }

  #features(image: Tensor4D): Tensor4D {
    const encoded1 = through(this.encoder_level1, this.patch_embed.proj.forward(image));
    const encoded2 = through(this.encoder_level2, this.down1_2.forward(encoded1));
    const encoded3 = through(this.encoder_level3, this.down2_3.forward(encoded2));
    const lowest = through(this.latent, this.down3_4.forward(encoded3));

    const joined3 = this.reduce_chan_level3.forward(joined(this.up4_3.forward(lowest), encoded3));
    const decoded3 = through(this.decoder_level3, joined3);
    const joined2 = this.reduce_chan_level2.forward(joined(this.up3_2.forward(decoded3), encoded2));
    const decoded2 = through(this.decoder_level2, joined2);
    const decoded1 = through(this.decoder_level1, joined(this.up2_1.forward(decoded2), encoded1));
    return through(this.refinement, decoded1);
  }
}

/** The official `OverlapPatchEmbed`: a 3x3 convolution, which never has a bias. */
class PatchEmbedding extends Module {
  readonly proj: Conv2d;

  constructor(inputs: number, outputs: number) {
    super();
    this.proj = new Conv2d(inputs, outputs, { kernel: 3, padding: 1, bias: false });
  }
}

function through(blocks: readonly TransformerBlock[], x: Tensor4D): Tensor4D {
  return blocks.reduce((features, block) => block.forward(features), x);
}

function joined(decoded: Tensor4D, encoded: Tensor4D): Tensor4D {
  return tf.concat([decoded, encoded], 3);
}

function validate({ width, heads, ffnExpansion }: Static<typeof Options>): void {
  if (width % 2 !== 0)
    throw new UserError(
      `restormer: width is ${width}, but halving the image halves the channels too; it must be even.`,
    );
  heads.forEach((count, level) => {
    const channels = width * 2 ** level;
    if (channels % count === 0) return;
    throw new UserError(
      `restormer: heads[${level}] is ${count}, but the ${channels} channels of that level must be a multiple of it.`,
    );
  });
  if (Math.floor(width * ffnExpansion) < 1) {
    throw new UserError(`restormer: width times ffnExpansion is ${width * ffnExpansion}; it must be at least 1.`);
  }
}
