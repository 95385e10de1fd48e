import { Type } from '@sinclair/typebox';
import { features } from './feature-extractor.ts';
import { Substitute } from './keras/substitute.ts';

/** InceptionV3 of the package nsfwjs, for metrics; its layers have Keras's names. */
@features.component({
  type: 'inception-v3-substitute',
  description:
    "substitute for AlexNet and FID's Inception in metrics, without official weights: InceptionV3 of the package nsfwjs",
  options: Type.Object({}),
  about: () => ({ substitute: true }),
})
export class InceptionV3Substitute extends Substitute {
  constructor(_options: object) {
    super('inception-v3-substitute', 'inception_v3', {
      differentiable: false,
      perceptualLayers: [
        { name: 'activation_3', channels: 64 },
        { name: 'activation_5', channels: 192 },
        { name: 'mixed2', channels: 288 },
        { name: 'mixed7', channels: 768 },
      ],
      sets: {
        layers: [
          { name: 'mixed10', channels: 2048 },
          { name: 'max_pooling2d_2', channels: 192 },
        ],
        side: 299,
        network: 'InceptionV3 of the package nsfwjs in place of the official network',
        resizing: 'images resized to 299x299 (bilinear, half-pixel centres, no antialiasing)',
      },
    });
  }
}
