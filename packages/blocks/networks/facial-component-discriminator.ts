import { Module, type StateDict } from '@dualprior/core/nn';
import { Type, type Static } from '@sinclair/typebox';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { ComponentDiscriminator, ComponentJudgement } from './component-discriminator.ts';
import { lengthsOf, type Reading } from './reading.ts';
import { networks } from './network.ts';
import { BiasedEqualConv2d } from './stylegan2/biased-equal-conv2d.ts';
import { ConvLayer } from './stylegan2/conv-layer.ts';

const Options = Type.Object({
  width: Type.Integer({
    minimum: 1,
    maximum: 512,
    default: 64,
    description: 'channels of the first layer; there are twice and four times as many after it',
  }),
});

/**
 * GFP-GAN's discriminator of an eye or the mouth (Wang et al. 2021; GFPGAN:gfpgan/archs/gfpganv1_arch.py,
 * FacialComponentDiscriminator), whose state dict has no blurs. Each part of the face has one of its own.
 */
@networks.component({
  type: 'facial-component-discriminator',
  description: "GFP-GAN's discriminator of an eye or the mouth (Wang et al. 2021)",
  options: Options,
})
export class FacialComponentDiscriminator extends Module implements ComponentDiscriminator {
  static recognise(state: StateDict): Reading[] {
    const width = lengthsOf(state)('conv1.0.weight', 0);
    return width !== undefined && state.has('conv5.0.weight') ? [{ options: { width }, untold: [] }] : [];
  }

  readonly conv1: ConvLayer;
  readonly conv2: ConvLayer;
  readonly conv3: ConvLayer;
  readonly conv4: ConvLayer;
  readonly conv5: ConvLayer;
  /** A sequence of one. */
  readonly final_conv: readonly [BiasedEqualConv2d];

  constructor({ width }: Static<typeof Options>) {
    super();
    const layer = (inputs: number, outputs: number, downsample: boolean) =>
      new ConvLayer({ inputs, outputs, kernel: 3, downsample, storesBlur: false });
    this.conv1 = layer(3, width, false);
    this.conv2 = layer(width, 2 * width, true);
    this.conv3 = layer(2 * width, 2 * width, false);
    this.conv4 = layer(2 * width, 4 * width, true);
    this.conv5 = layer(4 * width, 4 * width, false);
    this.final_conv = [new BiasedEqualConv2d(4 * width, 1, 3, 0)];
  }

  judge(image: Tensor4D): ComponentJudgement {
    const shallow = this.conv3.forward(this.conv2.forward(this.conv1.forward(image)));
    const deep = this.conv5.forward(this.conv4.forward(shallow));
    return { logits: this.final_conv[0].forward(deep), features: [shallow, deep] };
  }
}
