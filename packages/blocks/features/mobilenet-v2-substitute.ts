import { Type } from '@sinclair/typebox';
import { features } from './feature-extractor.ts';
import { Substitute } from './keras/substitute.ts';

/** MobileNetV2 of the package nsfwjs, for losses; its layers have Keras's names. */
@features.component({
  type: 'mobilenet-v2-substitute',
  description: 'substitute for VGG in losses, without official weights: MobileNetV2 of the package nsfwjs',
  options: Type.Object({}),
  about: () => ({ substitute: true }),
})
export class MobileNetV2Substitute extends Substitute {
  constructor(_options: object) {
    super('mobilenet-v2-substitute', 'mobilenet_v2', {
      differentiable: true,
      perceptualLayers: [
        { name: 'Conv1_relu', channels: 32 },
        { name: 'block_2_add', channels: 24 },
        { name: 'block_5_add', channels: 32 },
        { name: 'block_12_add', channels: 96 },
      ],
      contextualLayer: 'block_2_add',
    });
  }
}
