import { BatchNorm2d, Conv2d, InstanceNorm2d, Module, type StateDict } from '@dualprior/core/nn';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Fuser } from './fuser.ts';
import { networks } from './network.ts';
import { lengthsOf, listed, type Reading } from './reading.ts';

const Options = Type.Object({
  width: Type.Integer({
    minimum: 1,
    maximum: 4096,
    default: 64,
    description: 'inner channels (the paper does not say; our default)',
  }),
  blocks: Type.Integer({ minimum: 0, maximum: 1000, default: 8, description: 'residual blocks' }),
  normalization: Type.Union([Type.Literal('none'), Type.Literal('batch'), Type.Literal('instance')], {
    default: 'none',
    description: 'after each convolution of a residual block (the paper does not say; our default)',
  }),
  imageChannels: Type.Integer({ minimum: 1, maximum: 64, default: 3, description: 'channels of the images' }),
});

type Normalization = Static<typeof Options>['normalization'];

const conv3 = (inputs: number, outputs: number) => new Conv2d(inputs, outputs, { kernel: 3, padding: 1 });

/** x + norm(conv(relu(norm(conv(x))))), as in ResNet (He et al. 2016). */
class ResidualBlock extends Module {
  readonly conv1: Conv2d;
  readonly conv2: Conv2d;
  readonly norm1: BatchNorm2d | InstanceNorm2d | undefined;
  readonly norm2: BatchNorm2d | InstanceNorm2d | undefined;

  constructor(width: number, normalization: Normalization) {
    super();
    this.conv1 = conv3(width, width);
    this.conv2 = conv3(width, width);
    this.norm1 = norm(width, normalization);
    this.norm2 = norm(width, normalization);
  }

  forward(x: Tensor4D): Tensor4D {
    const hidden = this.conv1.forward(x);
    const active = tf.relu(this.norm1 ? this.norm1.forward(hidden) : hidden);
    const residual = this.conv2.forward(active);
    return tf.add(x, this.norm2 ? this.norm2.forward(residual) : residual);
  }
}

function norm(width: number, normalization: Normalization): BatchNorm2d | InstanceNorm2d | undefined {
  if (normalization === 'none') return undefined;
  return normalization === 'batch' ? new BatchNorm2d(width) : new InstanceNorm2d(width);
}

/** The paper's fusion network F (section 2.3), equation 1: x_hat = Conv(Res(Conv(x_R) + Conv(x_G))). */
@networks.component({
  type: 'fusion',
  description: 'fusion of a regressed and an inverted image, x_hat = Conv(Res(Conv(x_R) + Conv(x_G)))',
  options: Options,
})
export class Fusion extends Module implements Fuser {
  static recognise(state: StateDict): Reading[] {
    const length = lengthsOf(state);
    const [width, imageChannels] = [length('conv_regressed.weight', 0), length('conv_regressed.weight', 1)];
    if (width === undefined) return [];
    const blocks = listed((block) => length(`blocks.${block}.conv1.weight`, 0)).length;
    const [isBatch, isNormalised] = ['running_mean', 'weight'].map((name) => state.has(`blocks.0.norm1.${name}`));
    const normalization = isBatch ? 'batch' : isNormalised ? 'instance' : 'none';
    return [{ options: { width, blocks, normalization, imageChannels }, untold: [] }];
  }

  readonly conv_regressed: Conv2d;
  readonly conv_inverted: Conv2d;
  readonly blocks: ResidualBlock[];
  readonly conv_out: Conv2d;

  constructor({ width, blocks, normalization, imageChannels }: Static<typeof Options>) {
    super();
    this.conv_regressed = conv3(imageChannels, width);
    this.conv_inverted = conv3(imageChannels, width);
    this.blocks = Array.from({ length: blocks }, () => new ResidualBlock(width, normalization));
    this.conv_out = conv3(width, imageChannels);
  }

  fuse(regressed: Tensor4D, inverted: Tensor4D): Tensor4D {
    const joined = tf.add<Tensor4D>(this.conv_regressed.forward(regressed), this.conv_inverted.forward(inverted));
    const residual = this.blocks.reduce((x, block) => block.forward(x), joined);
    return this.conv_out.forward(residual);
  }
}
