import { Module, UserError, type StateDict } from '@dualprior/core/nn';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Noise } from './generator.ts';
import type { Layer } from './gfpgan/architecture.ts';
import { clean } from './gfpgan/clean.ts';
import { SftDecoder, type Condition } from './gfpgan/decoder.ts';
import { fixed } from './gfpgan/fixed.ts';
import { original } from './gfpgan/original.ts';
import { decoderState } from './gfpgan/prior.ts';
import { readGfpGan } from './gfpgan/read.ts';
import { networks, type Restoration } from './network.ts';
import type { PriorRestorer, PriorWeights } from './prior-restorer.ts';
import { toSigned, toUnit } from './images/signed-range.ts';
import { channelsOf, SizeOptions, SMALLEST } from './stylegan2/channels.ts';

const TYPE = 'gfpgan';
const MAPPING_RATE = 0.01;

const Options = Type.Object({
  architecture: Type.Union([Type.Literal('clean'), Type.Literal('original')], {
    default: 'clean',
    description:
      "`clean`: plain layers and bilinear resampling, the releases since v1.2; `original`: equalised learning rates and StyleGAN2's blurs, v1",
  }),
  ...SizeOptions,
  narrow: Type.Number({
    exclusiveMinimum: 0,
    maximum: 16,
    default: 1,
    description: 'factor for all channel counts; the U-Net has half as many as the decoder',
  }),
  styleWidth: Type.Integer({
    minimum: 1,
    maximum: 4096,
    default: 512,
    description: 'width of the style codes and of w (num_style_feat)',
  }),
  mappingLayers: Type.Integer({
    minimum: 1,
    maximum: 64,
    default: 8,
    description: "layers of the decoder's mapping network (num_mlp)",
  }),
  mappingRate: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: `of \`original\`: learning rate of the mapping network over that of the rest (lr_mlp), ${MAPPING_RATE} if absent`,
    }),
  ),
  inputIsLatent: Type.Boolean({
    default: true,
    description: 'whether the style codes are already w; otherwise they pass through the mapping network',
  }),
  differentW: Type.Boolean({ default: true, description: 'whether each layer has its own style code' }),
  sftHalf: Type.Boolean({
    default: true,
    description:
      "whether only half of the decoder's channels are scaled and shifted, so that the others remain the prior's",
  }),
  fixDecoder: Type.Boolean({
    default: true,
    description: 'whether the decoder is frozen; its tensors are then buffers, not parameters',
  }),
});

/** What the network makes of an image, in [-1, 1]. */
interface GfpGanOutput {
  readonly image: Tensor4D;
  /** Images of the U-Net's features, of 8x8 up. */
  readonly pyramid: readonly Tensor4D[];
  /** (N, D), or (N, latents D) with `differentW`. */
  readonly styleCode: Tensor2D;
}

/**
 * GFP-GAN (Wang et al. 2021, "Towards Real-World Blind Face Restoration with Generative Facial Prior";
 * GFPGAN:gfpgan/archs/gfpganv1_clean_arch.py and gfpganv1_arch.py): a U-Net whose lowest features give StyleGAN2's latents, and whose
 * upward ones scale and shift the generator's. `auxiliary` holds the images of the U-Net itself, coarse to fine. The noise is the stored
 * one unless another is given (the official code draws it again, at test time too).
 */
@networks.component({
  type: TYPE,
  description: 'GFP-GAN, a U-Net that steers a StyleGAN2 generator (Wang et al. 2021)',
  options: Options,
})
export class GfpGan extends Module implements PriorRestorer {
  static readonly recognise = readGfpGan;
  static readonly officialCode = 'https://github.com/TencentARC/GFPGAN';
  readonly size: number;
  readonly multiple: number;
  readonly conv_body_first: Layer;
  readonly conv_body_down: Layer[];
  readonly final_conv: Layer;
  readonly conv_body_up: Layer[];
  readonly toRGB: Layer[];
  readonly final_linear: Layer<Tensor2D>;
  readonly stylegan_decoder: SftDecoder;
  readonly condition_scale: Layer[][];
  readonly condition_shift: Layer[][];
  readonly #latents: number;
  readonly #options: Static<typeof Options>;

  constructor(options: Static<typeof Options>) {
    super();
    validate(options);
    const { architecture, size, styleWidth, differentW, sftHalf, fixDecoder } = options;
    const parts = architecture === 'clean' ? clean : original(options.mappingRate ?? MAPPING_RATE);
    const [decoder, unet] = [widths(options, 1), widths(options, 0.5)];
    const width = (resolution: number) => unet.get(resolution)!;
    const upward = [...unet.keys()].slice(1);
    const lowest = width(SMALLEST);
    this.size = size;
    this.multiple = size;
    this.#latents = 2 * unet.size;
    this.#options = options;

    this.conv_body_first = parts.convolution(3, width(size), 1);
    this.conv_body_down = [...upward].reverse().map((r) => parts.down(width(r), width(r / 2)));
    this.final_conv = parts.convolution(lowest, lowest, 3);
    this.conv_body_up = upward.map((r) => parts.up(width(r / 2), width(r)));
    this.toRGB = upward.map((r) => parts.toRgb(width(r)));
    this.final_linear = parts.linear(lowest * SMALLEST ** 2, (differentW ? this.#latents : 1) * styleWidth);
    const generator = new SftDecoder(TYPE, parts, { ...options, channels: decoder });
    this.stylegan_decoder = fixDecoder ? fixed(generator) : generator;
    const conditioned = (r: number) => (sftHalf ? width(r) : 2 * width(r));
    this.condition_scale = upward.map((r) => parts.condition(width(r), conditioned(r), 1));
    this.condition_shift = upward.map((r) => parts.condition(width(r), conditioned(r), 0));
  }

  restore(degraded: Tensor4D, noise: Noise = 'stored'): Restoration {
    const { image, pyramid } = this.forward(toSigned(degraded), noise);
    return { image: toUnit(image), auxiliary: pyramid.map(toUnit) };
  }

  /** @param x images (N, size, size, 3) in [-1, 1] */
  forward(x: Tensor4D, noise: Noise = 'stored'): GfpGanOutput {
    this.#check(x);
    let features = this.conv_body_first.forward(x);
    const skips = this.conv_body_down.map((down) => (features = down.forward(features))).reverse();
    features = this.final_conv.forward(features);
    const flat = tf.reshape(tf.transpose(features, [0, 3, 1, 2]), [x.shape[0], -1]) as Tensor2D; // PyTorch's order
    const styleCode = this.final_linear.forward(flat);

    const through = (layers: readonly Layer[]) => layers.reduce((y, layer) => layer.forward(y), features);
    const conditions: Condition[] = [];
    const pyramid = this.conv_body_up.map((up, i) => {
      features = up.forward(tf.add(features, skips[i]!));
      conditions.push({ scale: through(this.condition_scale[i]!), shift: through(this.condition_shift[i]!) });
      return this.toRGB[i]!.forward(features);
    });
    const image = this.stylegan_decoder.synthesize(this.#latentsOf(styleCode), conditions, noise);
    return { image, pyramid, styleCode };
  }

  fromPrior(generator: StateDict): PriorWeights {
    const { architecture, mappingRate = MAPPING_RATE } = this.#options;
    return decoderState(generator, architecture, mappingRate);
  }

  #latentsOf(styleCode: Tensor2D): Tensor2D[] {
    const { differentW, inputIsLatent } = this.#options;
    if (differentW) return tf.split(styleCode, this.#latents, 1);
    const w = inputIsLatent ? styleCode : this.stylegan_decoder.map(styleCode);
    return new Array<Tensor2D>(this.#latents).fill(w);
  }

  #check({ shape }: Tensor4D): void {
    const expected = [this.size, this.size, 3];
    if (shape.slice(1).join() === expected.join()) return;
    throw new UserError(
      `${TYPE}: an image is ${shape.slice(1).join(' x ')}, but this network takes ${expected.join(' x ')} (height x width x channels).`,
    );
  }
}

/** Channels of each resolution: `part` of StyleGAN2's. */
function widths(options: Static<typeof Options>, part: number): Map<number, number> {
  const all = channelsOf(TYPE, options);
  return new Map([...all].map(([resolution, width]) => [resolution, Math.floor(width * options.narrow * part)]));
}

function validate(options: Static<typeof Options>): void {
  const { architecture, mappingRate, differentW, inputIsLatent } = options;
  if (architecture === 'clean' && mappingRate !== undefined) {
    throw new UserError(`${TYPE}: mappingRate is ${mappingRate}, but only the architecture \`original\` has one.`);
  }
  if (differentW && !inputIsLatent) {
    throw new UserError(`${TYPE}: differentW makes w of each layer, so inputIsLatent must be true.`);
  }
  for (const [resolution, width] of widths(options, 1)) {
    if (width >= 2 && width % 2 === 0) continue;
    throw new UserError(
      `${TYPE}: with these options the decoder has ${width} channels at ${resolution}x${resolution}; it must be an even number, as the U-Net has half as many.`,
    );
  }
}
