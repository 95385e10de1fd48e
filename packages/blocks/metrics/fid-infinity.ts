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
import { extrapolatedFrechet, LEAST_SUBJECTS, subsetsOf, type Subset } from './sets/extrapolated-frechet.ts';
import { ImageVectors } from './sets/image-vectors.ts';
import { columnNames, protocol, side } from './sets/protocol.ts';
import { equalRows } from './sets/polynomial-mmd.ts';
import type { Vectors } from './sets/vectors.ts';

const Options = Type.Object({
  features: features.option({ description: 'the feature extractor: inception-v3-fid, or inception-v3-substitute' }),
  protocol,
  side,
});

/**
 * The Frechet inception distance of infinitely many images (Chong and Forsyth 2020, FID infinity): that of subsets, extrapolated along 1 / n.
 * FID of n restored images against their own sharp versions is too low where restored images stay close to these, since both sets then share
 * what is random about them, and too high where they do not; extrapolated, either bias is gone. Subsets are of pairs, so that they stay paired.
 */
@metrics.component({
  type: 'fid-infinity',
  description: 'Frechet inception distance, extrapolated to infinitely many images (Chong and Forsyth 2020)',
  options: Options,
  about: () => ({ minimumImages: LEAST_SUBJECTS }),
})
export class FidInfinityMetric implements SetMetric {
  static readonly possibleColumns = columnNames('fid_infinity', 'fid_192_infinity');
  readonly columns: readonly Column[];
  readonly vectors: ImageVectors;
  readonly minimumImages = LEAST_SUBJECTS;
  readonly #subsets = new WeakMap<Vectors, (readonly Subset[])[]>();

  /** Errors: `UserError` for an extractor that is not made for sets of images, or a `side` that it cannot have. */
  constructor(options: Static<typeof Options>) {
    this.vectors = new ImageVectors(options.features, options.protocol, options.side);
    const { suffix } = this.vectors;
    this.columns = this.vectors.sets.layers.map(({ channels }, layer) => ({
      name: `${layer === 0 ? 'fid' : `fid_${channels}`}_infinity${suffix}`,
      better: 'lower',
      digits: 2,
    }));
  }

  get minimumSide(): number {
    return this.vectors.minimumSide;
  }

  prepare(): Promise<void> {
    return this.vectors.prepare();
  }

  compare(restored: Vectors, sharp: Vectors): SetValue[] {
    const subsets = this.#subsets.get(sharp) ?? this.#subsetsOf(sharp);
    this.#subsets.set(sharp, subsets);
    return subsets.map((each, layer) => extrapolatedFrechet(this.vectors.layer(restored, layer), each));
  }

  remarks(table: MeasuredTable): SetRemarks {
    const { layers } = this.vectors.sets;
    const names = this.columns.map(({ name }) => name);
    const half = Math.round(table.different / 2);
    const few = names.filter((_, layer) => half <= layers[layer]!.channels);
    return {
      notes: [
        `${names.join(', ')}: FID of subsets from half to all of ${table.images} restored against ${sharpImages(table)}, extrapolated to infinitely many; ${this.vectors.description}.`,
      ],
      warnings: few.map((name) => {
        const { channels } = layers[names.indexOf(name)]!;
        return `${name}: half of the images, ${half} different ones, are too few for its ${channels} features, so FID is no straight line along 1 / n.`;
      }),
      tooFew: few,
    };
  }

  dispose(): void {
    this.vectors.dispose();
  }

  /** Draws the subsets of each layer. Images of one face that is degraded several times, which have equal sharp vectors, stay together. */
  #subsetsOf(sharp: Vectors): (readonly Subset[])[] {
    const { of } = equalRows(this.vectors.layer(sharp, 0));
    return this.columns.map((_, layer) => subsetsOf(this.vectors.layer(sharp, layer), of));
  }
}
