import { pathOption, CONTENT } from '@dualprior/core';
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
import { centre, factorOfSet, frechetDistance, type Factored } from './sets/frechet.ts';
import { readGivenStatistics, type GivenStatistics } from './sets/given-statistics.ts';
import { ImageVectors } from './sets/image-vectors.ts';
import { columnNames, protocol, side } from './sets/protocol.ts';
import type { Vectors } from './sets/vectors.ts';

const Options = Type.Object({
  features: features.option({ description: 'the feature extractor: inception-v3-fid, or inception-v3-substitute' }),
  protocol,
  side,
  statistics: Type.Optional(
    pathOption({
      description:
        "statistics of other images to compare with instead of the sharp test images: a file references/HASH.vectors of a store, or, for the first column, .npz with mu and sigma as pytorch-fid and clean-fid write it, of the feature extractor's deepest layer",
      [CONTENT]: true,
    }),
  ),
});

/**
 * The Frechet inception distance (Heusel et al. 2017; pytorch-fid) of the restored and the sharp test images, in the columns `fid`, of the
 * 2,048 features of the last pooling, and `fid_192`, of the 192 after the second, for which fewer images do. By clean-fid's protocol they
 * are `fid_clean` and `fid_192_clean`, by a substitute `fid_substitute` and `fid_192_substitute`.
 */
@metrics.component({
  type: 'fid',
  description: 'Frechet inception distance (Heusel et al. 2017), of 2,048 features and of 192',
  options: Options,
  about: (_, option) => ({ statistics: option('statistics') }),
})
export class FidMetric implements SetMetric {
  static readonly possibleColumns = columnNames('fid', 'fid_192');
  readonly columns: readonly Column[];
  readonly vectors: ImageVectors;
  readonly minimumImages = 2;
  readonly #references = new WeakMap<Vectors, Factored[]>();
  #read: GivenStatistics | undefined;

  /** Errors: `UserError` for an extractor that is not made for sets of images, or a `side` that it cannot have. */
  constructor(private readonly options: Static<typeof Options>) {
    this.vectors = new ImageVectors(options.features, options.protocol, options.side);
    const { suffix } = this.vectors;
    this.columns = this.vectors.sets.layers.map(({ channels }, layer) => ({
      name: `${layer === 0 ? 'fid' : `fid_${channels}`}${suffix}`,
      better: 'lower',
      digits: 2,
    }));
  }

  get minimumSide(): number {
    return this.vectors.minimumSide;
  }

  /** Errors: `UserError` for statistics that are damaged or made with something else. */
  async prepare(): Promise<void> {
    this.#given();
    await this.vectors.prepare();
  }

  compare(restored: Vectors, sharp: Vectors): SetValue[] {
    const references = this.#references.get(sharp) ?? this.#factor(sharp);
    this.#references.set(sharp, references);
    return references.map((reference, layer) => {
      const { value, first, second } = frechetDistance(centre(this.vectors.layer(restored, layer)), reference);
      return { value, contributions: first.map((each, i) => value + each + (second?.[i] ?? 0)) };
    });
  }

  remarks(table: MeasuredTable): SetRemarks {
    const { layers } = this.vectors.sets;
    const given = this.#given();
    const against = (what: string, from: number, to?: number) => {
      const features = layers.slice(from, to).map(({ channels }) => channels);
      return `${this.#names.slice(from, to).join(', ')}: ${features.join(' and ')} features, ${table.images} restored against ${what}; ${this.vectors.description}.`;
    };
    const compared = given?.layers ?? 0;
    const few = this.#ofTooFew(table);
    return {
      notes: [
        ...(given ? [against(given.description, 0, compared)] : []),
        ...(compared < layers.length ? [against(sharpImages(table), compared)] : []),
      ],
      warnings: [
        ...few.map(({ warning }) => warning),
        ...(given?.doubt === undefined ? [] : [`${this.#names[0]}: ${given.doubt}`]),
      ],
      tooFew: few.map(({ name }) => name),
    };
  }

  dispose(): void {
    this.vectors.dispose();
  }

  get #names(): string[] {
    return this.columns.map(({ name }) => name);
  }

  #factor(sharp: Vectors): Factored[] {
    const given = this.#given();
    return this.columns.map(
      (_, layer) => given?.factor(layer) ?? factorOfSet(centre(this.vectors.layer(sharp, layer))),
    );
  }

  #given(): GivenStatistics | undefined {
    const { statistics } = this.options;
    if (statistics !== undefined) this.#read ??= readGivenStatistics(statistics, this.vectors);
    return this.#read;
  }

  /** The columns of which a covariance is singular: of n different images it has n - 1 dimensions. */
  #ofTooFew({ images, different, columns }: MeasuredTable): { name: string; warning: string }[] {
    const given = this.#given();
    const few = this.vectors.sets.layers.map(({ channels }, layer) => {
      const theirs = given && layer < given.layers ? given.different : different;
      return {
        channels,
        name: this.#names[layer]!,
        theirs,
        isTooFew: Math.min(images, theirs ?? Infinity) <= channels,
      };
    });
    const trusted = [
      ...few.filter(({ isTooFew }) => !isTooFew).map(({ name }) => name),
      ...columns.filter((name) => /^kid(_|$)/.test(name)),
    ];
    const advice =
      trusted.length > 0 ? `Trust ${trusted.join(' and ')} more.` : 'Add the metric kid, which has no such bias.';
    return few
      .filter(({ isTooFew }) => isTooFew)
      .map(({ name, channels, theirs }) => {
        const of = theirs === undefined || theirs === images ? '' : ` against ${theirs} different ones`;
        const warning = `${name} is of ${images} images${of}, too few for its ${channels} features: a covariance is singular, and it is overestimated. ${advice}`;
        return { name, warning };
      });
  }
}
