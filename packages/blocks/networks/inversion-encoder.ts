import { Module, UserError } from '@dualprior/core/nn';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Encoder, Inversion } from './encoder.ts';
import { GradualStyleBlock } from './inversion/gradual-style-block.ts';
import { InversionTrunk, stageWidths } from './inversion/inversion-trunk.ts';
import { readInversionEncoder } from './inversion/read.ts';
import { networks } from './network.ts';

const side = (fallback: number, description: string) =>
  Type.Integer({ minimum: 4, maximum: 2048, default: fallback, description });

const count = (fallback: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 4096, default: fallback, description });

const Options = Type.Object({
  size: side(512, 'height and width of the images, in pixels'),
  inputSize: Type.Optional(
    Type.Integer({
      minimum: 8,
      maximum: 2048,
      description: 'larger images are first averaged down to this size; default: 8 times `resolution`, as in BDInvert',
    }),
  ),
  resolution: side(16, 'height and width of the feature f that enters the generator'),
  featureChannels: count(512, 'channels of f: those of the generator there'),
  latents: count(12, 'latents that the generator still uses above f'),
  styleWidth: count(512, "width of the generator's latents"),
  latentSpace: Type.Optional(
    Type.Union([Type.Literal('w+'), Type.Literal('w')], {
      description: 'w+, or absent: a latent for each layer, as in the paper; w: one for all layers',
    }),
  ),
  filterMin: count(128, 'channels of the first stage; each further one has twice as many'),
  filterMax: count(512, 'most channels of a stage after the first'),
});

type Options = Static<typeof Options>;

function trunkInput({ size, inputSize, resolution }: Options): number {
  return inputSize ?? Math.min(size, 8 * resolution);
}

/** 2 where the trunk is not what it was before it followed the official one in the number of channels. */
function versionOf(options: Options): 2 | undefined {
  const widths = stageWidths({ ...options, inputSize: trunkInput(options) });
  const isAsBefore = options.filterMin <= options.filterMax && widths.at(-1) === options.featureChannels;
  return isAsBefore ? undefined : 2;
}

/**
 * The paper's inversion encoder E (section 2.2, figure 3): BDInvert's trunk predicts f, and one map2style block of pSp for each latent reads
 * the trunk's intermediate feature. In W, one block predicts the latent of all layers. Errors: sizes that do not halve into one another.
 */
@networks.component({
  type: 'inversion-encoder',
  description: 'encoder of an image into a feature and latents of StyleGAN2 (BDInvert trunk, pSp map2style)',
  options: Options,
  versionOf,
  formerly: ({ latentSpace, ...counted }) => (latentSpace === 'w' ? { ...counted, latentSpace } : counted),
})
export class InversionEncoder extends Module implements Encoder {
  static readonly recognise = readInversionEncoder;
  readonly trunk: InversionTrunk;
  readonly styles: GradualStyleBlock[];
  readonly size: number;
  readonly resolution: number;
  readonly featureChannels: number;
  readonly latents: number;
  readonly styleWidth: number;
  readonly #factor: number;

  constructor(options: Options) {
    super();
    const { size, resolution, featureChannels, latents, styleWidth, latentSpace, filterMin, filterMax } = options;
    const inputSize = trunkInput(options);
    refuseSizes(size, inputSize, resolution);
    this.trunk = new InversionTrunk({ inputSize, resolution, channels: featureChannels, filterMin, filterMax });
    this.styles = Array.from(
      { length: latentSpace === 'w' ? 1 : latents },
      () => new GradualStyleBlock(this.trunk.width, styleWidth, resolution),
    );
    this.size = size;
    this.resolution = resolution;
    this.featureChannels = featureChannels;
    this.latents = latents;
    this.styleWidth = styleWidth;
    this.#factor = size / inputSize;
  }

  encode(image: Tensor4D): Inversion {
    const [, height, width] = image.shape;
    if (height !== this.size || width !== this.size) {
      throw new UserError(
        `inversion-encoder: an image is ${width}x${height}, but \`size\` is ${this.size}; they must be equal.`,
      );
    }
    const smaller = this.#factor === 1 ? image : tf.avgPool(image, this.#factor, this.#factor, 'valid');
    const { intermediate, feature } = this.trunk.forward(smaller);
    const predicted = tf.stack<Tensor2D>(
      this.styles.map((style) => style.forward(intermediate)),
      1,
    ) as Tensor3D;
    const latents: Tensor3D = this.styles.length === 1 ? tf.tile(predicted, [1, this.latents, 1]) : predicted;
    return { feature, latents };
  }
}

function refuseSizes(size: number, inputSize: number, resolution: number): void {
  const problem =
    Math.log2(resolution) % 1 !== 0
      ? `resolution is ${resolution}; it must be a power of two`
      : resolution > size / 2
        ? `resolution is ${resolution}; with size ${size} it can be at most ${size / 2}, half of it`
        : Math.log2(inputSize / resolution) % 1 !== 0 || inputSize === resolution
          ? `inputSize is ${inputSize}; it must be resolution ${resolution} times 2, 4, 8, and so on`
          : size % inputSize !== 0
            ? `inputSize is ${inputSize}; size ${size} must be a multiple of it`
            : undefined;
  if (problem) throw new UserError(`inversion-encoder: ${problem}.`);
}
