import type { Static } from '@sinclair/typebox';
import { squeezenet } from './architectures/squeezenet.ts';
import { features } from './feature-extractor.ts';
import { LPIPS_LAYERS } from './lpips/lpips-layers.ts';
import { TrunkFeatures } from './trunks/trunk-features.ts';
import { weightsOptions } from './trunks/weights-options.ts';

const Options = weightsOptions('torchvision: squeezenet1_1-b8a52dc0.pth');

/** SqueezeNet 1.1 with torchvision's names. */
@features.component({
  type: 'squeezenet',
  description: 'SqueezeNet 1.1 trained on ImageNet (Iandola et al. 2016)',
  options: Options,
  about: () => ({ substitute: false }),
})
export class SqueezeNetFeatures extends TrunkFeatures {
  constructor({ weights }: Static<typeof Options>) {
    super(squeezenet, weights, /^classifier\./, { differentiable: true, perceptualLayers: LPIPS_LAYERS.squeezenet });
  }
}
