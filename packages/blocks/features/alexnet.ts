import type { Static } from '@sinclair/typebox';
import { alexnet } from './architectures/alexnet.ts';
import { features } from './feature-extractor.ts';
import { LPIPS_LAYERS } from './lpips/lpips-layers.ts';
import { TrunkFeatures } from './trunks/trunk-features.ts';
import { weightsOptions } from './trunks/weights-options.ts';

const Options = weightsOptions('torchvision: alexnet-owt-7be5be79.pth');

/** AlexNet with torchvision's names. */
@features.component({
  type: 'alexnet',
  description: 'AlexNet trained on ImageNet (Krizhevsky 2014)',
  options: Options,
  about: () => ({ substitute: false }),
})
export class AlexNetFeatures extends TrunkFeatures {
  constructor({ weights }: Static<typeof Options>) {
    super(alexnet, weights, /^classifier\./, { differentiable: true, perceptualLayers: LPIPS_LAYERS.alexnet });
  }
}
