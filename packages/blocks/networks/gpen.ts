import { EqualLinear, Module, UserError, type StateDict } from '@dualprior/core/nn';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { FedGenerator } from './gpen/fed-generator.ts';
import { generatorState } from './gpen/prior.ts';
import { readGpen } from './gpen/read.ts';
import { networks, type Restoration } from './network.ts';
import type { PriorRestorer, PriorWeights } from './prior-restorer.ts';
import { toSigned, toUnit } from './images/signed-range.ts';
import { channelsOf, resolutions, SizeOptions, SMALLEST } from './stylegan2/channels.ts';
import { ConvLayer } from './stylegan2/conv-layer.ts';
import { mapping, MappingOptions } from './stylegan2/mapping.ts';

const TYPE = 'gpen';

const Options = Type.Object({
  ...SizeOptions,
  ...MappingOptions,
  narrow: Type.Number({
    exclusiveMinimum: 0,
    maximum: 16,
    default: 1,
    description: 'factor for the channels of every resolution, rounded down',
  }),
  isconcat: Type.Boolean({
    default: true,
    description:
      "concatenate the encoder's features with the generator's, which doubles its channels; otherwise add them like noise",
  }),
});

interface Encoded {
  /** What the mapping network takes: (N, styleWidth). */
  readonly z: Tensor2D;
  /** Features of each resolution, from 4 up. */
  readonly features: Tensor4D[];
}

/**
 * GPEN (Yang et al. 2021; GPEN:face_model/gpen_model.py, FullGenerator): an encoder of convolutions that halve the image, whose deepest
 * feature becomes the latent and whose features take the place of the noise in a StyleGAN2 generator. Images are squares of `size`.
 */
@networks.component({
  type: TYPE,
  description: 'GPEN (Yang et al. 2021): a StyleGAN2 generator inside a U-shaped network',
  options: Options,
})
export class Gpen extends Module implements PriorRestorer {
  static readonly recognise = readGpen;
  static readonly officialCode = 'https://github.com/yangxy/GPEN';
  readonly size: number;
  readonly multiple: number;
  readonly generator: FedGenerator;
  readonly final_linear: [EqualLinear];
  readonly #encoder: readonly [ConvLayer][];
  readonly #concatenates: boolean;

  constructor(options: Static<typeof Options>) {
    super();
    const { size, styleWidth, narrow, isconcat: concatenates } = options;
    const channels = new Map([...channelsOf(TYPE, options)].map(([r, width]) => [r, narrowed(width, narrow)]));
    const width = (resolution: number) => channels.get(resolution)!;
    this.#concatenates = concatenates;
    this.size = this.multiple = size;
    this.generator = new FedGenerator({ size, channels, styleWidth, concatenates }, mapping(options));
    const first = new ConvLayer({ inputs: 3, outputs: width(size), kernel: 1 });
    const lower = resolutions(size).slice(0, -1).reverse();
    const halving = lower.map((resolution): [ConvLayer] => [
      new ConvLayer({ inputs: width(2 * resolution), outputs: width(resolution), kernel: 3, downsample: true }),
    ]);
    this.#encoder = [[first], ...halving];
    Object.assign(this, Object.fromEntries(this.#encoder.map((layer, i) => [`ecd${i}`, layer])));
    this.final_linear = [new EqualLinear(width(SMALLEST) * SMALLEST ** 2, styleWidth, { activation: true })];
  }

  restore(degraded: Tensor4D): Restoration {
    const { z, features } = this.encode(toSigned(degraded));
    return { image: toUnit(this.generator.synthesize(this.generator.map(z), features)), auxiliary: [] };
  }

  fromPrior(generator: StateDict): PriorWeights {
    return generatorState(generator, new Map([...this.parameters(), ...this.buffers()]), this.#concatenates);
  }

  /** Encodes images in [-1, 1]. Errors: `UserError` for images of another size. */
  encode(image: Tensor4D): Encoded {
    this.#check(image);
    const features: Tensor4D[] = [];
    let x = image;
    for (const [layer] of this.#encoder) features.unshift((x = layer.forward(x)));
    const flat = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [image.shape[0], -1]) as Tensor2D; // PyTorch's order
    return { z: this.final_linear[0].forward(flat), features };
  }

  #check({ shape }: Tensor4D): void {
    const expected = [this.size, this.size, 3];
    if (shape.slice(1).join() === expected.join()) return;
    throw new UserError(
      `${TYPE}: an image is ${shape.slice(1).join(' x ')}, but this network takes ${expected.join(' x ')} (height x width x channels).`,
    );
  }
}

function narrowed(width: number, narrow: number): number {
  return Math.max(1, Math.floor(width * narrow));
}
