import { Type, type Static } from '@sinclair/typebox';
import { weightsFileOption, WEIGHTS_FILES, type WeightsFiles } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { checkDifferentiable, features } from '../features/feature-extractor.ts';
import { Perceptual } from '../features/lpips/perceptual.ts';
import { losses, weight, WeightedLoss } from './loss.ts';

const Options = Type.Object({
  features: features.option({
    default: { type: 'vgg16' },
    description:
      'the feature extractor: vgg16, alexnet, squeezenet, or a substitute (its distance is another one, see there)',
  }),
  heads: Type.Optional(
    weightsFileOption({
      description:
        "weights of LPIPS v0.1 for the feature extractor's channels (PerceptualSimilarity:lpips/weights/v0.1/vgg.pth, alex.pth, squeeze.pth); none for a substitute",
    }),
  ),
  weight,
});

/**
 * mean over images of LPIPS (Zhang et al. 2018; L_per of equations 2 and 3), or of what stands for it with a
 * substitute (see `Perceptual`). Images at least as large as the extractor needs.
 */
@losses.component({
  type: 'lpips',
  description: 'perceptual distance of deep features (Zhang et al. 2018)',
  options: Options,
  inject: [WEIGHTS_FILES],
  about: ({ weight }) => ({ weight }),
})
export class LpipsLoss extends WeightedLoss {
  /** Name of its curve. */
  readonly label: string;
  readonly #perceptual: Perceptual;

  constructor(options: Static<typeof Options>, files: WeightsFiles) {
    super(options);
    checkDifferentiable(options.features);
    this.#perceptual = new Perceptual(options.features, options.heads, files);
    this.label = options.features.substitute ? 'lpips_substitute' : 'lpips';
  }

  get minimumSide(): number {
    return this.#perceptual.minimumSide;
  }

  prepare(): Promise<void> {
    return this.#perceptual.prepare();
  }

  protected formula(prediction: Tensor4D, target: Tensor4D): Scalar {
    return tf.mean(this.#perceptual.distances(prediction, target));
  }

  dispose(): void {
    this.#perceptual.dispose();
  }
}
