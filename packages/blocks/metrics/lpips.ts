import { UserError, weightsFileOption, weightsOnDisk } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import type { Image } from '../images/image.ts';
import { features } from '../features/feature-extractor.ts';
import { Perceptual } from '../features/lpips/perceptual.ts';
import { metrics, type Column, type ImageMetric } from './metric.ts';
import { PairStep } from './pairs/pair-step.ts';

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
  readonly #step = new PairStep((restored, sharp) => this.#perceptual.distances(restored, sharp));

  constructor(options: Static<typeof Options>) {
    this.#perceptual = new Perceptual(options.features, options.heads, weightsOnDisk);
    this.columns = [{ name: columnOf(options.features), better: 'lower', digits: 4 }];
  }

  get minimumSide(): number {
    return this.#perceptual.minimumSide;
  }

  async prepare(): Promise<void> {
    await this.#perceptual.prepare();
    this.#step.prepare();
  }

  measure(restored: Image, sharp: Image): number[] {
    this.#checkSize(sharp);
    return [this.#step.of(restored, sharp)];
  }

  dispose(): void {
    this.#step.dispose();
    this.#perceptual.dispose();
  }

  #checkSize({ width, height }: Image): void {
    const { minimumSide } = this;
    if (Math.min(width, height) >= minimumSide) return;
    throw new UserError(`lpips: an image is ${width}x${height}, but its sides must be at least ${minimumSide}.`);
  }
}

function columnOf({ type, substitute }: { readonly type: string; readonly substitute: boolean }): string {
  if (substitute) return 'lpips_substitute';
  return type === 'alexnet' ? 'lpips' : `lpips_${type}`;
}
