import { join } from 'node:path';
import {
  isSetMetric,
  metrics,
  readVectors,
  toUnit,
  writeVectors,
  type Column,
  type Dataset,
  type Image,
  type Metric,
  type SetMetric,
  type Vectors,
} from '@dualprior/blocks';
import { UserError, type Journal } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { imageFingerprint } from '../../evaluation/image-fingerprint.ts';
import { toImages } from '../../evaluation/images.ts';
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
      description:
        'fid or kid: its columns become curves, and the networks with the lowest value of the first are the result',
    }),
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

/** Errors: the metric does not compare sets of images. */
export function asSetMetric(metric: Metric): SetMetric {
  if (isSetMetric(metric)) return metric;
  const names = metric.columns.map(({ name }) => name).join(', ');
  throw new UserError(`\`quality\` compares sets of images, which ${names} cannot: give it the metric fid or kid.`);
}

/**
 * The distance between the images that the average of a generator makes and the training images (Heusel et al. 2017), as checkpoints of
 * GANs are chosen by. Without truncation, style mixing and augmentation, each image with noise of its own.
 */
export class GeneratorQuality implements PeriodicValidation {
  readonly every: number;
  readonly ranking: Ranking;
  readonly #metric: SetMetric;
  #real: Vectors | undefined;

  constructor(
    private readonly options: QualityOptions,
    private readonly generator: TrainedGenerator,
    private readonly average: Tensor1D,
    private readonly context: Pick<StageContext, 'folder' | 'console' | 'signal'>,
  ) {
    this.every = options.every;
    this.#metric = asSetMetric(options.metric);
    const { name, better, digits } = this.#metric.columns[0] as Column;
    this.ranking = { better, describe: (value) => `${name} ${value.toFixed(digits)}` };
  }

  async begin(): Promise<void> {}

  async run(iterations: number, journal: Journal): Promise<number> {
    this.#real ??= await this.#measureReal();
    const values = this.#metric.compare(await this.#measureGenerated(), this.#real).map(({ value }) => value);
    this.#metric.columns.forEach(({ name }, c) => journal.metric(name, values[c]!, iterations));
    return values[0]!;
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
    const [images, names] = [this.#count, columns.map(({ name }) => name)];
    const { notes, warnings } = this.#metric.remarks({ images, different: images, columns: names });
    warnings.forEach((warning) => this.context.console.warn(warning));
    const { data } = this.options;
    const file = join(this.context.folder, 'state', 'real.vectors');
    const known = readVectors(file)?.vectors;
    if (known) return known;
    const seen: [string, string][] = [];
    const vectors = await this.#collect(async (from, count) => {
      const real = await Promise.all(Array.from({ length: count }, (_, i) => data.read(from + i)));
      real.forEach((image, i) => seen.push([data.name(from + i), imageFingerprint(image)]));
      return real;
    });
    writeVectors(file, { source: source.key, data: notes.join(' '), length: source.length, images: seen }, vectors);
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
      if (this.context.signal.aborted) throw new Interrupted();
      const images = await make(from, Math.min(this.options.batch, this.#count - from));
      values.set(source.of(images), from * source.length);
    }
    return { count: this.#count, length: source.length, values };
  }
}
