import { Blur, EqualLinear, minibatchStddev, Module, UserError } from '@dualprior/core/nn';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Discriminator } from './discriminator.ts';
import type { Traits } from './layouts/part.ts';
import { networks, type Unshown } from './network.ts';
import { readDiscriminator } from './stylegan2/architectures.ts';
import { basicsrDiscriminator } from './stylegan2/basicsr.ts';
import { channelsOf, resolutions, SizeOptions, SMALLEST } from './stylegan2/channels.ts';
import { ClampOption } from './stylegan2/clamp.ts';
import { ConvLayer } from './stylegan2/conv-layer.ts';
import { nvlabsDiscriminator } from './stylegan2/nvlabs.ts';
import { ResBlock } from './stylegan2/res-block.ts';

const TYPE = 'stylegan2-discriminator';

const Options = Type.Object({
  ...SizeOptions,
  stddevGroup: Type.Union([Type.Integer({ minimum: 1, maximum: 1024 }), Type.Literal('batch')], {
    default: 4,
    description:
      'images over which the minibatch standard deviation is taken; a batch must be a multiple of it, or smaller. `batch`: all of it, as GPEN does',
  }),
  architecture: Type.Optional(
    Type.Union([Type.Literal('resnet'), Type.Literal('skip'), Type.Literal('orig')], {
      description:
        "`resnet`, if absent: residual blocks, StyleGAN2's own; `skip`: each resolution also sees the image; `orig`: neither (NVlabs)",
    }),
  ),
  ...ClampOption,
});

/**
 * StyleGAN2's discriminator (Karras et al. 2020; rosinality, stylegan2-pytorch:model.py, Discriminator). The architectures `skip` and `orig`
 * are NVlabs' (stylegan2-ada-pytorch:training/networks.py).
 */
@networks.component({
  type: TYPE,
  description: "StyleGAN2's discriminator (Karras et al. 2020)",
  options: Options,
})
export class StyleGan2Discriminator extends Module implements Discriminator, Unshown {
  static readonly recognise = readDiscriminator;
  static readonly officialCode = 'https://github.com/rosinality/stylegan2-pytorch';
  static readonly layouts = [basicsrDiscriminator, nvlabsDiscriminator];
  readonly size: number;
  readonly convs: [ConvLayer, ...(ResBlock | PlainBlock)[]];
  /** For `skip`: the layers by which each lower resolution sees the image, from the highest one down. */
  readonly from_rgbs: ConvLayer[] | undefined;
  /** For `skip`: halves the image. */
  readonly downsample: Blur | undefined;
  readonly final_conv: ConvLayer;
  readonly final_linear: [EqualLinear, EqualLinear];
  readonly group: number;
  readonly traits: Traits;

  constructor(options: Static<typeof Options>) {
    super();
    const { size, stddevGroup, architecture = 'resnet', convClamp: clamp } = options;
    const channels = channelsOf(TYPE, options);
    const width = (resolution: number) => channels.get(resolution)!;
    const descending = resolutions(size).slice(1).reverse();
    this.size = size;
    this.convs = [
      new ConvLayer({ inputs: 3, outputs: width(size), kernel: 1, clamp }),
      ...descending.map((resolution) => {
        const [inputs, outputs] = [width(resolution), width(resolution / 2)];
        return architecture === 'resnet'
          ? new ResBlock(inputs, outputs, { clamp })
          : new PlainBlock(inputs, outputs, clamp);
      }),
    ];
    if (architecture === 'skip') {
      this.from_rgbs = descending.map((resolution) => {
        const lower = resolution / 2;
        const ofLayer = { inputs: 3, outputs: width(lower), kernel: 1 };
        return new ConvLayer(lower === SMALLEST ? ofLayer : { ...ofLayer, clamp }); // NVlabs' last one has no clamp
      });
      this.downsample = new Blur(1);
    }
    const last = width(SMALLEST);
    this.final_conv = new ConvLayer({ inputs: last + 1, outputs: last, kernel: 3, clamp });
    this.final_linear = [new EqualLinear(last * SMALLEST ** 2, last, { activation: true }), new EqualLinear(last, 1)];
    this.group = stddevGroup === 'batch' ? Infinity : stddevGroup;
    this.traits = { architecture, convClamp: clamp ?? null };
  }

  score(image: Tensor4D): Tensor2D {
    this.#check(image);
    const features = this.from_rgbs ? this.#seeingEach(this.from_rgbs, image) : this.#seeingOnce(image);
    const final = this.final_conv.forward(minibatchStddev(features, this.group));
    const flat = tf.reshape(tf.transpose(final, [0, 3, 1, 2]), [image.shape[0], -1]) as Tensor2D; // PyTorch's order
    return this.final_linear.reduce((x, layer) => layer.forward(x), flat);
  }

  #seeingOnce(image: Tensor4D): Tensor4D {
    return this.convs.reduce((x: Tensor4D, layer) => layer.forward(x), image);
  }

  /** The image enters at each resolution. */
  #seeingEach(fromRgbs: readonly ConvLayer[], image: Tensor4D): Tensor4D {
    const [first, ...blocks] = this.convs;
    let rgb = image;
    return blocks.reduce((x: Tensor4D, block, i) => {
      rgb = this.downsample!.forward(rgb, { down: 2, pad: [1, 1] });
      return tf.add(block.forward(x), fromRgbs[i]!.forward(rgb));
    }, first.forward(image));
  }

  #check({ shape }: Tensor4D): void {
    const expected = [this.size, this.size, 3];
    if (shape.slice(1).join() === expected.join()) return;
    throw new UserError(
      `${TYPE}: an image is ${shape.slice(1).join(' x ')}, but this discriminator takes ${expected.join(' x ')} (height x width x channels).`,
    );
  }
}

/** Two convolutions that halve the image, without a skip connection (NVlabs' architectures `orig` and `skip`). */
class PlainBlock extends Module {
  readonly conv1: ConvLayer;
  readonly conv2: ConvLayer;

  constructor(inputs: number, outputs: number, clamp?: number) {
    super();
    this.conv1 = new ConvLayer({ inputs, outputs: inputs, kernel: 3, clamp });
    this.conv2 = new ConvLayer({ inputs, outputs, kernel: 3, downsample: true, clamp });
  }

  forward(x: Tensor4D): Tensor4D {
    return this.conv2.forward(this.conv1.forward(x));
  }
}
