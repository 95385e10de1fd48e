import { loadEngine, UserError, weightsFileOption, weightsOnDisk, type RunnableStep } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { stackImages, type Image } from '../images/image.ts';
import { features } from '../features/feature-extractor.ts';
import { Perceptual } from '../features/lpips/perceptual.ts';
import { metrics, type Column, type ImageMetric } from './metric.ts';

const Options = Type.Object({
  features: features.option({
    default: { type: 'alexnet' },
    description: 'the feature extractor: alexnet (as in most papers), vgg16, squeezenet, or a substitute',
  }),
  heads: Type.Optional(
    weightsFileOption({
      description:
        "weights of LPIPS v0.1 for the feature extractor's channels (PerceptualSimilarity:lpips/weights/v0.1/alex.pth, vgg.pth, squeeze.pth); none for a substitute",
    }),
  ),
});

/** Shapes of images whose traces are kept. */
const SHAPES = 8;

/**
 * LPIPS v0.1 (Zhang et al. 2018; PerceptualSimilarity:lpips/lpips.py) in the column `lpips` (AlexNet) or `lpips_NET`. With a substitute the
 * distance is another one (see `Perceptual`), and its column is `lpips_substitute`.
 * Errors: `UserError` for images of different sizes, or smaller than the extractor can see.
 */
@metrics.component({
  type: 'lpips',
  description: 'perceptual distance of deep features (Zhang et al. 2018)',
  options: Options,
})
export class LpipsMetric implements ImageMetric {
  static readonly possibleColumns = ['lpips', 'lpips_vgg16', 'lpips_squeezenet', 'lpips_substitute'];
  readonly columns: readonly Column[];
  readonly #perceptual: Perceptual;
  #distances: RunnableStep<[Tensor4D, Tensor4D], Tensor1D> | undefined;

  constructor(options: Static<typeof Options>) {
    this.#perceptual = new Perceptual(options.features, options.heads, weightsOnDisk);
    this.columns = [{ name: columnOf(options.features), better: 'lower', digits: 4 }];
  }

  get minimumSide(): number {
    return this.#perceptual.minimumSide;
  }

  async prepare(): Promise<void> {
    await this.#perceptual.prepare();
    this.#distances ??= loadEngine().compile((restored, sharp) => this.#perceptual.distances(restored, sharp), {
      traces: SHAPES,
    });
  }

  measure(restored: Image, sharp: Image): number[] {
    this.#checkSizes(restored, sharp);
    return tf.tidy(() => [...this.#distances!.run(toTensor(restored), toTensor(sharp)).dataSync()]);
  }

  dispose(): void {
    this.#distances?.dispose();
    this.#distances = undefined;
    this.#perceptual.dispose();
  }

  #checkSizes(restored: Image, { width, height }: Image): void {
    if (restored.width !== width || restored.height !== height) {
      throw new UserError(
        `lpips: the restored image is ${restored.width}x${restored.height}, but the sharp one ${width}x${height}.`,
      );
    }
    const { minimumSide } = this;
    if (Math.min(width, height) >= minimumSide) return;
    throw new UserError(`lpips: an image is ${width}x${height}, but its sides must be at least ${minimumSide}.`);
  }
}

function columnOf({ type, substitute }: { readonly type: string; readonly substitute: boolean }): string {
  if (substitute) return 'lpips_substitute';
  return type === 'alexnet' ? 'lpips' : `lpips_${type}`;
}

/** (1, H, W, 3) in [0, 1]. */
function toTensor(image: Image): Tensor4D {
  return tf.tensor4d(stackImages([image]), [1, image.height, image.width, 3]);
}
