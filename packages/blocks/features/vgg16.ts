import type { Static } from '@sinclair/typebox';
import { vgg } from './architectures/vgg.ts';
import { features } from './feature-extractor.ts';
import { LPIPS_LAYERS } from './lpips/lpips-layers.ts';
import { TrunkFeatures } from './trunks/trunk-features.ts';
import { weightsOptions } from './trunks/weights-options.ts';

const Options = weightsOptions('torchvision: vgg16-397923af.pth');

/** VGG-16 with torchvision's names. */
@features.component({
  type: 'vgg16',
  description: 'VGG-16 trained on ImageNet (Simonyan and Zisserman 2015)',
  options: Options,
  about: () => ({ substitute: false }),
})
export class Vgg16Features extends TrunkFeatures {
  constructor({ weights }: Static<typeof Options>) {
    super(() => vgg('vgg16'), weights, /^classifier\./, {
      differentiable: true,
      perceptualLayers: LPIPS_LAYERS.vgg16,
      contextualLayer: 'relu3_3',
    });
  }
}
