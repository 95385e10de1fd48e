import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  isSetMetric,
  metrics,
  readVectors,
  toUnit,
  writeVectors,
  type Dataset,
  type Image,
  type SetMetric,
  type Vectors,
} from '@dualprior/blocks';
import { UserError, type Journal } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { imageFingerprint } from '../../evaluation/image-fingerprint.ts';
import { toImages } from '../../evaluation/images.ts';
import { countSubjects } from '../../evaluation/test-images.ts';
import type { TrainedGenerator } from '../../experiment/gan-networks.ts';
import { Interrupted } from '../interrupted.ts';
import type { StageContext } from '../stage.ts';
import type { PeriodicValidation, Ranking } from '../training-loop.ts';
import { drawLatents, numbered } from './latents.ts';

/** Always the same latents and noise, so that only the generator differs from measurement to measurement. */
const SEED = 5;

export const qualityOption = Type.Object(
  {
    metric: metrics.option({
      description: 'fid or kid: its columns become curves, and the networks with the lowest value are the result',
    }),
    by: Type.Optional(
      Type.String({ minLength: 1, description: 'the column that chooses, e.g. fid_192; the first one if absent' }),
    ),
    every: Type.Integer({ minimum: 1, default: 1000, description: 'iterations between measurements' }),
    images: Type.Integer({
      minimum: 2,
      default: 1000,
      description: 'generated images, and as many real ones, the first of the data; where it has fewer, all',
    }),
  },
  {
    additionalProperties: false,
    description:
      'measures how near generated images are to the real ones; without it the result is what the last iteration left',
  },
);

export interface QualityOptions extends Static<typeof qualityOption> {
  /** Real images. */
  readonly data: Dataset;
  /** Images generated together. */
  readonly batch: number;
}

/** A metric of sets, and the index of the column that chooses. Errors: the metric compares pairs; it has no such column. */
export function rankingOf({ metric, by }: Pick<QualityOptions, 'metric' | 'by'>): {
  metric: SetMetric;
  column: number;
} {
  const names = metric.columns.map(({ name }) => name);
  if (!isSetMetric(metric)) {
    throw new UserError(
      `\`quality\` compares sets of images, which ${names.join(', ')} cannot: give it the metric fid or kid.`,
    );
  }
  const column = by === undefined ? 0 : names.indexOf(by);
  if (column < 0) throw new UserError(`\`quality.by\` is "${by}", but its metric has ${names.join(' and ')}.`);
  return { metric, column };
}

/** Errors: there are too few real images that differ. `data` is prepared. */
export function checkRealImages({ metric, images, data }: QualityOptions): void {
  const length = Math.min(images, data.length);
  const [{ minimumImages: least }, found] = [
    rankingOf({ metric }).metric,
    countSubjects({ name: (i) => data.name(i), length }),
  ];
  if (found >= least) return;
  throw new UserError(`\`quality\` compares at least ${least} different images, but its data has ${found}.`);
}

/**
 * The distance between the images that the average of a generator makes and the training images (Heusel et al. 2017), as checkpoints of
 * GANs are chosen by. Without truncation, style mixing and augmentation, each image with noise of its own.
 */
export class GeneratorQuality implements PeriodicValidation {
  readonly every: number;
  readonly ranking: Ranking;
  readonly #metric: SetMetric;
  readonly #column: number;
  #real: Vectors | undefined;

  constructor(
    private readonly options: QualityOptions,
    private readonly generator: TrainedGenerator,
    private readonly average: Tensor1D,
    private readonly context: Pick<StageContext, 'folder' | 'console' | 'signal'>,
  ) {
    this.every = options.every;
    const { metric, column } = rankingOf(options);
    [this.#metric, this.#column] = [metric, column];
    const { name, better, digits } = metric.columns[column]!;
    this.ranking = { better, describe: (value) => `${name} ${value.toFixed(digits)}` };
  }

  async begin(): Promise<void> {}

  async run(iterations: number, journal: Journal): Promise<number> {
    this.#real ??= await this.#measureReal();
    const values = this.#metric.compare(await this.#measureGenerated(), this.#real).map(({ value }) => value);
    this.#metric.columns.forEach(({ name }, c) => journal.metric(name, values[c]!, iterations));
    return values[this.#column]!;
  }

  dispose(): void {
    this.#metric.dispose?.();
  }

  get #count(): number {
    return Math.min(this.options.images, this.options.data.length);
  }

  /** The vectors of the real images, which the folder of the stage keeps. */
  async #measureReal(): Promise<Vectors> {
    await this.#metric.prepare?.();
    const { columns, vectors: source } = this.#metric;
    const names = columns.map(({ name }) => name);
    const { warnings } = this.#metric.remarks({ images: this.#count, different: this.#count, columns: names });
    warnings.forEach((warning) => this.context.console.warn(warning));
    const { data } = this.options;
    const file = join(this.context.folder, 'state', 'real.vectors');
    const known = readVectors(file);
    if (known?.head.source === source.key && known.vectors.count === this.#count) return known.vectors;
    const seen: [string, string][] = [];
    const vectors = await this.#collect(async (from, count) => {
      const real = await Promise.all(Array.from({ length: count }, (_, i) => data.read(from + i)));
      real.forEach((image, i) => seen.push([data.name(from + i), imageFingerprint(image)]));
      return real;
    });
    const head = { source: source.key, data: 'the training images of this stage', length: source.length, images: seen };
    writeVectors(file, head, vectors);
    return vectors;
  }

  #measureGenerated(): Promise<Vectors> {
    return this.#collect((from, count) => {
      const batch = tf.tidy(() => {
        const seed = tf.tensor1d([from, SEED], 'int32');
        const { module, parameters } = this.generator;
        return parameters.use(() => {
          const latents = drawLatents(module, count, 0, numbered(seed, 0));
          return toUnit(module.synthesize(latents, { noise: numbered(seed, 1) }));
        }, this.average);
      });
      const images = toImages(batch);
      batch.dispose();
      return images;
    });
  }

  /** Vectors of `count` images, made batch by batch. */
  async #collect(make: (from: number, count: number) => Image[] | Promise<Image[]>): Promise<Vectors> {
    const { vectors: source } = this.#metric;
    const values = new Float32Array(this.#count * source.length);
    for (let from = 0; from < this.#count; from += this.options.batch) {
      await setImmediate(); // lets signals and the tracker have their turn
      if (this.context.signal.aborted) throw new Interrupted();
      const images = await make(from, Math.min(this.options.batch, this.#count - from));
      values.set(source.of(images), from * source.length);
    }
    return { count: this.#count, length: source.length, values };
  }
}
