import { Buffer, constant, Module, UserError } from '@dualprior/core/nn';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Generator, SynthesisOptions } from './generator.ts';
import type { Traits } from './layouts/part.ts';
import { networks, type Unshown } from './network.ts';
import { readGenerator } from './stylegan2/architectures.ts';
import { basicsrGenerator } from './stylegan2/basicsr.ts';
import { channelsOf, resolutions, SizeOptions, SMALLEST } from './stylegan2/channels.ts';
import { ClampOption } from './stylegan2/clamp.ts';
import { genforceGenerator } from './stylegan2/genforce.ts';
import { checkWidth, separate } from './stylegan2/latents.ts';
import { Noises } from './stylegan2/noises.ts';
import { nvlabsGenerator } from './stylegan2/nvlabs.ts';
import { ConstantInput } from './stylegan2/constant-input.ts';
import { mapped, mapping, MappingOptions, type Mapping } from './stylegan2/mapping.ts';
import { StyledConv } from './stylegan2/styled-conv.ts';
import { ToRgb } from './stylegan2/to-rgb.ts';

const TYPE = 'stylegan2-generator';

const Options = Type.Object({
  ...SizeOptions,
  ...MappingOptions,
  ...ClampOption,
  noise: Type.Optional(
    Type.Boolean({
      description: 'whether layers add noise (default: true); if not, noise and noise strengths in weights are ignored',
    }),
  ),
});

/**
 * StyleGAN2's generator (Karras et al. 2020; rosinality, stylegan2-pytorch:model.py, Generator): a mapping network from z to w, and a
 * synthesis network of modulated convolutions with noise and skip connections to RGB. Level k has the resolution 4 * 2^k. Its first
 * (up-sampling) convolution takes latent 2k - 1, its second 2k, its ToRGB 2k + 1, which is also the next level's first.
 */
@networks.component({
  type: TYPE,
  description: "StyleGAN2's generator (Karras et al. 2020)",
  options: Options,
  formerly: ({ noise, ...counted }) => (noise === false ? { ...counted, noise } : counted),
})
export class StyleGan2Generator extends Module implements Generator, Unshown {
  static readonly recognise = readGenerator;
  static readonly officialCode = 'https://github.com/rosinality/stylegan2-pytorch';
  static readonly layouts = [genforceGenerator, basicsrGenerator, nvlabsGenerator];
  readonly size: number;
  readonly styleWidth: number;
  readonly latents: number;
  readonly style: Mapping;
  readonly input: ConstantInput;
  readonly conv1: StyledConv;
  readonly to_rgb1: ToRgb;
  /** Two for each level but the first. */
  readonly convs: StyledConv[];
  readonly to_rgbs: ToRgb[];
  readonly noises: Noises;
  /** Mean of w; rosinality's checkpoints hold it beside the weights. */
  readonly latent_avg: Buffer<Tensor1D>;
  readonly traits: Traits;
  readonly #channels: ReadonlyMap<number, number>;
  readonly #addsNoise: boolean;

  constructor(options: Static<typeof Options>) {
    super();
    const { size, styleWidth, mappingRate, convClamp: clamp } = options;
    const channels = (this.#channels = channelsOf(TYPE, options));
    const [lowest, ...higher] = resolutions(size) as [number, ...number[]];
    const width = (resolution: number) => channels.get(resolution)!;
    this.size = size;
    this.styleWidth = styleWidth;
    this.latents = 2 * channels.size;
    this.style = mapping(options);
    this.input = new ConstantInput(width(lowest));
    this.conv1 = new StyledConv({ inputs: width(lowest), outputs: width(lowest), styleWidth, clamp });
    this.to_rgb1 = new ToRgb(width(lowest), styleWidth, false, clamp);
    this.convs = higher.flatMap((resolution) => {
      const layer = { outputs: width(resolution), styleWidth, clamp };
      return [
        new StyledConv({ ...layer, inputs: width(resolution / 2), resample: 'up' }),
        new StyledConv({ ...layer, inputs: width(resolution) }),
      ];
    });
    this.to_rgbs = higher.map((resolution) => new ToRgb(width(resolution), styleWidth, true, clamp));
    this.noises = new Noises([lowest, ...higher.flatMap((resolution) => [resolution, resolution])]);
    this.latent_avg = new Buffer([styleWidth], constant(0), 'same', { isOptional: true });
    this.#addsNoise = options.noise ?? true;
    this.traits = { mappingRate, convClamp: clamp ?? null };
  }

  map(z: Tensor2D): Tensor2D {
    checkWidth(TYPE, 'z', z, this.styleWidth);
    return mapped(this.style, z);
  }

  meanLatent(): Tensor2D {
    return tf.reshape(this.latent_avg.value, [1, this.styleWidth]);
  }

  synthesize(w: Tensor2D | Tensor3D, { noise = 'stored', from }: SynthesisOptions = {}): Tensor4D {
    const batch = w.shape[0];
    const latents = separate(TYPE, w, this.latents, this.styleWidth);
    const noises = this.#addsNoise ? this.noises.of(noise, batch) : [];
    const first = from ? this.#level(from.resolution) : 0;
    if (from) this.#checkFeature(from.feature, batch, from.resolution);

    let features = from?.feature ?? this.input.forward(batch);
    let image: Tensor4D | undefined;
    for (let level = first; level < this.latents / 2; level++) {
      const [up, second, toRgb] = this.#layers(level);
      if (up && level > first) features = up.forward(features, latents[2 * level - 1]!, noises[2 * level - 1]);
      features = second.forward(features, latents[2 * level]!, noises[2 * level]);
      image = toRgb.forward(features, latents[2 * level + 1]!, image);
    }
    return image!;
  }

  get resolutions(): readonly number[] {
    return [...this.#channels.keys()];
  }

  featureChannels(resolution: number): number {
    this.#level(resolution);
    return this.#channels.get(resolution)!;
  }

  firstLatent(resolution: number): number {
    return 2 * this.#level(resolution);
  }

  /** The up-sampling convolution of a level, its second one, and its ToRGB. */
  #layers(level: number): [StyledConv | undefined, StyledConv, ToRgb] {
    if (level === 0) return [undefined, this.conv1, this.to_rgb1];
    const [up, second] = this.convs.slice(2 * level - 2, 2 * level) as [StyledConv, StyledConv];
    return [up, second, this.to_rgbs[level - 1]!];
  }

  #level(resolution: number): number {
    if (this.#channels.has(resolution)) return Math.log2(resolution / SMALLEST);
    throw new UserError(
      `${TYPE}: a feature map cannot enter at resolution ${resolution}; of size ${this.size} it has ${this.resolutions.join(', ')}.`,
    );
  }

  #checkFeature(feature: Tensor4D, batch: number, resolution: number): void {
    const expected = [batch, resolution, resolution, this.#channels.get(resolution)!];
    if (feature.shape.join() === expected.join()) return;
    throw new UserError(
      `${TYPE}: the feature map that enters has the shape (${feature.shape.join(', ')}), but (${expected.join(', ')}) is needed.`,
    );
  }
}
