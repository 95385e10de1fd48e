import { BatchNorm2d, Conv2d, Module, PRelu, resizeBilinear, UserError, type StateDict } from '@dualprior/core/nn';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { LatentEncoder } from './encoder.ts';
import { GradualStyleBlock } from './inversion/gradual-style-block.ts';
import { networks } from './network.ts';
import { IrBlock, through } from './psp/ir-block.ts';
import { lengthsOf, listed, type Reading } from './reading.ts';

const TYPE = 'psp-encoder';
/** Largest image that the map2style blocks bring down to one pixel. */
const LARGEST = 256;
/** Images are halved four times. */
const SMALLEST = 16;

/** Blocks of each stage of ResNet-50 in ArcFace's form; the first block of each halves the image, each stage has twice the channels. */
const STAGES = [3, 4, 14, 3] as const;

/** The map2style blocks: the first three read 1/16 of the image, the next four 1/8, all others 1/4. */
const COARSE = 3;
const MIDDLE = 7;

const Options = Type.Object({
  styles: Type.Integer({
    minimum: 1,
    maximum: 18,
    default: 18,
    description: 'number of predicted latents: 18 for a generator of size 1024, 16 for 512 (n_styles)',
  }),
  styleWidth: Type.Integer({ minimum: 1, maximum: 4096, default: 512, description: 'width of the latents' }),
  width: Type.Integer({
    minimum: 1,
    maximum: 512,
    default: 64,
    description: 'channels of the first stage; each of the three further ones has twice as many',
  }),
  mode: Type.Union([Type.Literal('ir_se'), Type.Literal('ir')], {
    default: 'ir_se',
    description: 'with squeeze and excitation in each block, or without',
  }),
  imageChannels: Type.Integer({ minimum: 1, maximum: 64, default: 3, description: 'channels of the image (input_nc)' }),
});

/** Features of the trunk, fine to coarse: 1/4, 1/8 and 1/16 of the image. */
interface PspFeatures {
  readonly c1: Tensor4D;
  readonly c2: Tensor4D;
  readonly c3: Tensor4D;
}

/**
 * pSp's encoder of an image into latents of StyleGAN2 (Richardson et al. 2021; pixel2style2pixel:models/encoders/psp_encoders.py,
 * GradualStyleEncoder): an IR-SE-50 trunk, a feature pyramid and a map2style block for each latent. The official checkpoints hold it below
 * `encoder`, beside the mean latent (`latent_avg`) to which the latents are added.
 */
@networks.component({
  type: TYPE,
  description: 'encoder of an image into latents of StyleGAN2 (pSp, Richardson et al. 2021)',
  options: Options,
})
export class PspEncoder extends Module implements LatentEncoder {
  static readonly recognise = readPspEncoder;
  static readonly officialCode = 'https://github.com/eladrich/pixel2style2pixel';
  readonly input_layer: [Conv2d, BatchNorm2d, PRelu];
  readonly body: IrBlock[];
  readonly styles: GradualStyleBlock[];
  readonly latlayer1: Conv2d;
  readonly latlayer2: Conv2d;
  readonly #channels: number;

  constructor({ styles, styleWidth, width, mode, imageChannels }: Static<typeof Options>) {
    super();
    const channels = (stage: number) => width * 2 ** stage;
    const coarsest = channels(3);
    this.#channels = imageChannels;
    this.input_layer = [
      new Conv2d(imageChannels, width, { kernel: 3, padding: 1, bias: false }),
      new BatchNorm2d(width),
      new PRelu(width),
    ];
    this.body = STAGES.flatMap((blocks, stage) => [
      new IrBlock(channels(Math.max(stage - 1, 0)), channels(stage), 2, mode),
      ...Array.from({ length: blocks - 1 }, () => new IrBlock(channels(stage), channels(stage), 1, mode)),
    ]);
    const size = (style: number) => (style < COARSE ? LARGEST / 16 : style < MIDDLE ? LARGEST / 8 : LARGEST / 4);
    this.styles = Array.from({ length: styles }, (_, i) => new GradualStyleBlock(coarsest, styleWidth, size(i)));
    this.latlayer1 = new Conv2d(channels(2), coarsest, { kernel: 1 });
    this.latlayer2 = new Conv2d(channels(1), coarsest, { kernel: 1 });
  }

  /** Latents (N, styles, styleWidth), offsets from the generator's mean latent, of images (N, H, W, C) in [-1, 1] of at most 256x256. */
  predict(image: Tensor4D): Tensor3D {
    const { c1, c2, c3 } = this.features(image);
    const p2 = addUpsampled(c3, this.latlayer1.forward(c2));
    const p1 = addUpsampled(p2, this.latlayer2.forward(c1));
    const latents = this.styles.map((style, i) => style.forward(i < COARSE ? c3 : i < MIDDLE ? p2 : p1));
    return tf.stack<Tensor2D>(latents, 1) as Tensor3D;
  }

  /** What the second, third and last stage of the trunk make of images as above. */
  features(image: Tensor4D): PspFeatures {
    this.#check(image);
    const [fine, middle] = [STAGES[0] + STAGES[1], STAGES[0] + STAGES[1] + STAGES[2]];
    const c1 = through([...this.input_layer, ...this.body.slice(0, fine)], image);
    const c2 = through(this.body.slice(fine, middle), c1);
    return { c1, c2, c3: through(this.body.slice(middle), c2) };
  }

  #check(image: Tensor4D): void {
    const [, height, width, channels] = image.shape;
    const fits = (side: number) => side >= SMALLEST && side <= LARGEST && side % SMALLEST === 0;
    if (fits(height) && fits(width) && channels === this.#channels) return;
    throw new UserError(
      `${TYPE}: an image is ${width}x${height} with ${channels} channels, but sides must be multiples of ${SMALLEST} up to ${LARGEST}, and channels ${this.#channels}.`,
    );
  }
}

/** The coarser feature at the size of the finer one, corner on corner, and their sum (the official `_upsample_add`). */
function addUpsampled(coarse: Tensor4D, fine: Tensor4D): Tensor4D {
  const [, height, width] = fine.shape;
  return tf.add(resizeBilinear(coarse, height, width, true), fine);
}

/** What a state dict tells of pSp's encoder that it is of. */
function readPspEncoder(state: StateDict): Reading[] {
  const length = lengthsOf(state);
  const [width, imageChannels] = [length('input_layer.0.weight', 0), length('input_layer.0.weight', 1)];
  const widths = listed((style) => length(`styles.${style}.linear.weight`, 0));
  if (width === undefined || widths.length === 0) return [];
  const mode = state.has('body.0.res_layer.5.fc1.weight') ? 'ir_se' : 'ir';
  return [{ options: { styles: widths.length, styleWidth: widths[0], width, mode, imageChannels }, untold: [] }];
}
