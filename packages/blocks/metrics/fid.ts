import { pathOption, CONTENT } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import { features } from '../features/feature-extractor.ts';
import { metrics, type Column, type SetMetric, type SetRemarks, type SetValue } from './metric.ts';
import {
  centre,
  factorOfSet,
  factorOfStatistics,
  frechetDistance,
  type Factored,
  type Statistics,
} from './sets/frechet.ts';
import { ImageVectors } from './sets/image-vectors.ts';
import { readStatistics } from './sets/read-statistics.ts';
import { columnsOf, type Vectors } from './sets/vectors.ts';

const Options = Type.Object({
  features: features.option({ description: 'what sees: inception-v3-fid, or inception-v3-substitute' }),
  statistics: Type.Optional(
    pathOption({
      description:
        "statistics of other images to compare with in the first column, instead of the sharp test images: .npz with mu and sigma as pytorch-fid writes it, of the extractor's deepest layer",
      [CONTENT]: true,
    }),
  ),
});

/**
 * The Frechet inception distance (Heusel et al. 2017; pytorch-fid) of the restored and the sharp test images, in the columns `fid`, of the
 * 2,048 features of the last pooling, and `fid_192`, of the 192 after the second, which few images suffice for. By a
 * substitute they are `fid_substitute` and `fid_192_substitute`.
 */
@metrics.component({
  type: 'fid',
  description: 'Frechet inception distance (Heusel et al. 2017), of 2,048 features and of 192',
  options: Options,
})
export class FidMetric implements SetMetric {
  readonly columns: readonly Column[];
  readonly vectors: ImageVectors;
  readonly #references = new WeakMap<Vectors, Factored[]>();

  /** Errors: `UserError` for an extractor that is not made for sets of images. */
  constructor(private readonly options: Static<typeof Options>) {
    this.vectors = new ImageVectors(options.features);
    const suffix = options.features.substitute ? '_substitute' : '';
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
    this.#statistics();
    await this.vectors.prepare();
  }

  compare(restored: Vectors, sharp: Vectors): SetValue[] {
    const references = this.#references.get(sharp) ?? this.#factor(sharp);
    this.#references.set(sharp, references);
    return references.map((reference, layer) => {
      const { value, first, second } = frechetDistance(centre(this.#layer(restored, layer)), reference);
      return { value, contributions: first.map((each, i) => value + each + (second?.[i] ?? 0)) };
    });
  }

  remarks(images: number): SetRemarks {
    const { statistics } = this.options;
    const { layers, description } = this.vectors.sets;
    const names = this.columns.map(({ name }) => name);
    const sharp = `${images} restored against the ${images} sharp test images`;
    const notes = [
      `${names.join(', ')}: ${layers.map(({ channels }) => channels).join(' and ')} features, ${sharp}; ${description}.`,
    ];
    if (statistics !== undefined)
      notes.push(`${names[0]} is against the statistics in ${statistics} instead of the sharp test images.`);
    const kid = names[0]!.replace('fid', 'kid');
    const warnings = layers.flatMap(({ channels }, layer) => {
      if (images > channels) return [];
      const better = layers
        .flatMap((other, l) => (images > other.channels ? [names[l]!] : []))
        .concat(kid)
        .join(' and ');
      return [
        `${names[layer]} is of ${images} images, fewer than its ${channels} features: its covariances are singular and it comes out too high. Trust ${better} more.`,
      ];
    });
    return { notes, warnings };
  }

  dispose(): void {
    this.vectors.dispose();
  }

  #factor(sharp: Vectors): Factored[] {
    const statistics = this.#statistics();
    const given = statistics && factorOfStatistics(statistics);
    return this.columns.map((_, layer) =>
      layer === 0 && given ? given : factorOfSet(centre(this.#layer(sharp, layer))),
    );
  }

  #statistics(): Statistics | undefined {
    const { statistics, features: extractor } = this.options;
    if (statistics === undefined) return undefined;
    const [{ name, channels }] = this.vectors.sets.layers as [{ name: string; channels: number }];
    return readStatistics(statistics, channels, `"${extractor.type}" at ${name}`);
  }

  #layer(vectors: Vectors, layer: number) {
    const { from, columns } = this.vectors.range(layer);
    return columnsOf(vectors, from, columns);
  }
}
