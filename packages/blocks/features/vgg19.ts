import type { Static } from '@sinclair/typebox';
import { vgg } from './architectures/vgg.ts';
import { features } from './feature-extractor.ts';
import { TrunkFeatures } from './trunks/trunk-features.ts';
import { weightsOptions } from './trunks/weights-options.ts';

const Options = weightsOptions('torchvision: vgg19-dcbb9e9d.pth');

/** VGG-19 with torchvision's names. */
@features.component({
  type: 'vgg19',
  description: 'VGG-19 trained on ImageNet (Simonyan and Zisserman 2015)',
  options: Options,
  about: () => ({ substitute: false }),
})
export class Vgg19Features extends TrunkFeatures {
  constructor({ weights }: Static<typeof Options>) {
    super(() => vgg('vgg19'), weights, /^classifier\./, { differentiable: true, contextualLayer: 'relu3_4' });
  }
}
