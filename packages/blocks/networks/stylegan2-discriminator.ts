import { EqualLinear, minibatchStddev, Module, UserError } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Discriminator } from './discriminator.ts';
import { networks } from './network.ts';
import { discriminatorsOf } from './stylegan2/architectures.ts';
import { channelsOf, resolutions, SizeOptions, SMALLEST } from './stylegan2/channels.ts';
import { ConvLayer } from './stylegan2/conv-layer.ts';
import { ResBlock } from './stylegan2/res-block.ts';

const TYPE = 'stylegan2-discriminator';

const Options = Type.Object({
  ...SizeOptions,
  stddevGroup: Type.Union([Type.Integer({ minimum: 1, maximum: 1024 }), Type.Literal('batch')], {
    default: 4,
    description:
      'images over which the minibatch standard deviation is taken; a batch must be a multiple of it, or smaller. `batch`: all of it, as GPEN does',
  }),
});

/** StyleGAN2's residual discriminator (Karras et al. 2020; rosinality, stylegan2-pytorch:model.py, Discriminator). */
@networks.component({
  type: TYPE,
  description: "StyleGAN2's discriminator (Karras et al. 2020)",
  options: Options,
})
export class StyleGan2Discriminator extends Module implements Discriminator {
  static readonly architecturesOf = discriminatorsOf;
  readonly size: number;
  readonly convs: [ConvLayer, ...ResBlock[]];
  readonly final_conv: ConvLayer;
  readonly final_linear: [EqualLinear, EqualLinear];
  readonly group: number;

  constructor(options: Static<typeof Options>) {
    super();
    const { size, stddevGroup } = options;
    const channels = channelsOf(TYPE, options);
    const width = (resolution: number) => channels.get(resolution)!;
    const descending = resolutions(size).slice(1).reverse();
    this.size = size;
    this.convs = [
      new ConvLayer({ inputs: 3, outputs: width(size), kernel: 1 }),
      ...descending.map((resolution) => new ResBlock(width(resolution), width(resolution / 2))),
    ];
    const last = width(SMALLEST);
    this.final_conv = new ConvLayer({ inputs: last + 1, outputs: last, kernel: 3 });
    this.final_linear = [new EqualLinear(last * SMALLEST ** 2, last, { activation: true }), new EqualLinear(last, 1)];
    this.group = stddevGroup === 'batch' ? Infinity : stddevGroup;
  }

  score(image: Tensor4D): Tensor2D {
    this.#check(image);
    const features = this.convs.reduce((x: Tensor4D, layer) => layer.forward(x), image);
    const final = this.final_conv.forward(minibatchStddev(features, this.group));
    const flat = tf.reshape(tf.transpose(final, [0, 3, 1, 2]), [image.shape[0], -1]) as Tensor2D; // PyTorch's order
    return this.final_linear.reduce((x, layer) => layer.forward(x), flat);
  }

  #check({ shape }: Tensor4D): void {
    const expected = [this.size, this.size, 3];
    if (shape.slice(1).join() === expected.join()) return;
    throw new UserError(
      `${TYPE}: an image is ${shape.slice(1).join(' x ')}, but this discriminator takes ${expected.join(' x ')} (height x width x channels).`,
    );
  }
}
