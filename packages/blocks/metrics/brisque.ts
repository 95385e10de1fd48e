import { CONTENT, pathOption } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import type { Image } from '../images/image.ts';
import { LEAST_SIDE, naturalSceneFeatures } from './brisque/natural-scene.ts';
import { readModel, readRanges, regress, type Ranges, type SupportVectors } from './brisque/regression.ts';
import { metrics, type NoReferenceMetric } from './metric.ts';

const FEATURES = 36;

const Options = Type.Object({
  model: pathOption({
    description:
      "libsvm's regression: `allmodel` of the authors' release (LIVE, University of Texas), or brisque/models/svm.txt of the Python package brisque",
    [CONTENT]: true,
  }),
  ranges: pathOption({
    description: "ranges of the features, as libsvm's svm-scale writes them: `allrange` of the authors' release",
    [CONTENT]: true,
  }),
});

/**
 * BRISQUE (Mittal et al., "No-Reference Image Quality Assessment in the Spatial Domain", 2012) of the restored image alone, as the Python package brisque 0.2
 * computes it. An image without structure, of which nothing can be fitted, has the value `Infinity`. Errors: sides of fewer than 16 pixels.
 */
@metrics.component({
  type: 'brisque',
  description: 'naturalness of the restored image; needs no sharp one (Mittal et al. 2012)',
  options: Options,
})
export class BrisqueMetric implements NoReferenceMetric {
  static readonly possibleColumns = ['brisque'];
  readonly columns = [{ name: 'brisque', better: 'lower', digits: 2, infiniteOf: 'images without structure' }] as const;
  readonly minimumSide = LEAST_SIDE;
  #read: { readonly model: SupportVectors; readonly ranges: Ranges } | undefined;

  constructor(private readonly options: Static<typeof Options>) {}

  /** Errors: files that are missing, damaged, or of another model. */
  async prepare(): Promise<void> {
    const { model, ranges } = this.options;
    this.#read ??= { model: readModel(model, FEATURES), ranges: readRanges(ranges, FEATURES) };
  }

  rate(image: Image): number[] {
    const features = naturalSceneFeatures(image);
    const { model, ranges } = this.#read!;
    return [features ? regress(model, ranges, features) : Infinity];
  }
}
