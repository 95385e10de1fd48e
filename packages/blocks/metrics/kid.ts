import type { Matrix } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import { features } from '../features/feature-extractor.ts';
import {
  metrics,
  sharpImages,
  type Column,
  type MeasuredTable,
  type SetMetric,
  type SetRemarks,
  type SetValue,
} from './metric.ts';
import { ImageVectors } from './sets/image-vectors.ts';
import { columnNames, protocol, side } from './sets/protocol.ts';
import { equalRows, kernelSums, polynomialMmd, type KernelSums, type RowGroups } from './sets/polynomial-mmd.ts';
import type { Vectors } from './sets/vectors.ts';

const Options = Type.Object({
  features: features.option({ description: 'the feature extractor: inception-v3-fid, or inception-v3-substitute' }),
  protocol,
  side,
  estimator: Type.Union([Type.Literal('u-statistic'), Type.Literal('unbiased')], {
    default: 'u-statistic',
    description:
      'u-statistic: without the kernel of a restored image with its own sharp one, which are not independent (Gretton et al. 2012, lemma 6); unbiased: with it, as for sets that have nothing to do with each other',
  }),
});

/**
 * The kernel inception distance (Binkowski et al. 2018) of the restored and all the sharp test images, in the column `kid`
 * (`kid_clean` by clean-fid's protocol, `kid_substitute` by a substitute): of all images at once instead of the mean over random subsets, so the same each time.
 */
@metrics.component({
  type: 'kid',
  description: 'kernel inception distance (Binkowski et al. 2018), unbiased even for few images',
  options: Options,
})
export class KidMetric implements SetMetric {
  static readonly possibleColumns = columnNames('kid');
  readonly columns: readonly Column[];
  readonly vectors: ImageVectors;
  readonly minimumImages = 2;
  readonly #sharp = new WeakMap<Vectors, { same: RowGroups; sums: KernelSums }>();

  /** Errors: `UserError` for an extractor that is not made for sets of images, or a `side` that it cannot have. */
  constructor(private readonly options: Static<typeof Options>) {
    this.vectors = new ImageVectors(options.features, options.protocol, options.side);
    this.columns = [{ name: `kid${this.vectors.suffix}`, better: 'lower', digits: 5 }];
  }

  get minimumSide(): number {
    return this.vectors.minimumSide;
  }

  prepare(): Promise<void> {
    return this.vectors.prepare();
  }

  compare(restored: Vectors, sharp: Vectors): SetValue[] {
    const [x, y] = [restored, sharp].map((vectors) => this.vectors.layer(vectors, 0)) as [Matrix, Matrix];
    const known = this.#sharp.get(sharp) ?? ofSharp(y);
    this.#sharp.set(sharp, known);
    return [polynomialMmd(x, y, this.options.estimator, known.same, known.sums)];
  }

  remarks(table: MeasuredTable): SetRemarks {
    const [{ name }] = this.columns as [Column];
    const estimator = this.options.estimator === 'u-statistic' ? 'U-statistic' : 'estimate for independent sets';
    return {
      notes: [
        `${name}: polynomial kernel of degree 3, unbiased ${estimator} of ${table.images} restored against ${sharpImages(table)}; ${this.vectors.description}.`,
      ],
      warnings: [],
    };
  }

  dispose(): void {
    this.vectors.dispose();
  }
}

function ofSharp(y: Matrix): { same: RowGroups; sums: KernelSums } {
  const same = equalRows(y);
  return { same, sums: kernelSums(y, y, same) };
}
