import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  isSetMetric,
  metrics,
  toUnit,
  type Dataset,
  type Image,
  type SetMetric,
  type Vectors,
} from '@dualprior/blocks';
import { UserError, type Journal, Interrupted } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { imagesMadeBy } from '../../inference/images.ts';
import { finiteImages } from '../../inference/not-finite-image.ts';
import { ReadableImages } from '../../inference/readable-images.ts';
import { sharpVectors } from '../../inference/sharp-vectors.ts';
import { countSubjects } from '../../inference/test-images.ts';
import type { TrainedGenerator } from '../../networks/gan-networks.ts';
import type { StageContext } from '../stage.ts';
import type { PeriodicValidation, Ranking } from '../training/training-loop.ts';
import { numbered } from '../common/numbered.ts';
import { drawLatents } from './latents.ts';

/** Always the same latents and noise, so that only the generator differs from measurement to measurement. */
const SEED = 5;

/** The bar of the training is on the screen. */
const SILENT = { progress: () => ({ update: () => {}, stop: () => {} }) };

export const qualityOption = Type.Object(
  {
    metric: metrics.option({
      description: 'fid or kid: its columns become curves, and the checkpoint with the lowest value is the result',
    }),
    by: Type.Optional(
      Type.String({ minLength: 1, description: 'the column to choose by, e.g. fid_192; default: the first one' }),
    ),
    every: Type.Integer({ minimum: 1, default: 1000, description: 'iterations between measurements' }),
    images: Type.Integer({
      minimum: 2,
      default: 1000,
      description: 'number of generated images, and of real ones (the first of the data, or all if there are fewer)',
    }),
  },
  {
    additionalProperties: false,
    description:
      'measures the distance of generated images from real ones; without it the last checkpoint is the result',
  },
);

/** What the option asks for, with what it is about. */
export interface Quality {
  readonly metric: SetMetric;
  /** Index of the column that chooses. */
  readonly column: number;
  /** Iterations between measurements. */
  readonly every: number;
  /** Most images of either kind. */
  readonly images: number;
  /** Real images. */
  readonly data: Dataset;
  /** Images generated together. */
  readonly batch: number;
}

/** Errors: the metric compares pairs, or it has no column `by`. */
export function qualityOf(
  { metric, by, every, images }: Static<typeof qualityOption>,
  data: Dataset,
  batch: number,
): Quality {
  const names = metric.columns.map(({ name }) => name);
  if (!isSetMetric(metric)) {
    throw new UserError(
      `\`quality\` compares sets of images, which ${names.join(', ')} cannot: give it the metric fid or kid.`,
    );
  }
  const column = by === undefined ? 0 : names.indexOf(by);
  if (column < 0) throw new UserError(`\`quality.by\` is "${by}", but its metric has ${names.join(' and ')}.`);
  return { metric, column, every, images, data, batch };
}

/** The first real images, as many as are measured. `data` is prepared. */
function realImages({ images, data }: Quality): Pick<Dataset, 'length' | 'name' | 'read'> {
  const length = Math.min(images, data.length);
  return { length, name: (index) => data.name(index), read: (index) => data.read(index) };
}

/** Errors: there are too few real images that differ. `data` is prepared. */
export function checkRealImages(quality: Quality): void {
  const { minimumImages: least } = quality.metric;
  const found = countSubjects(realImages(quality));
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
  #real: Vectors | undefined;

  constructor(
    private readonly quality: Quality,
    private readonly generator: TrainedGenerator,
    private readonly average: Tensor1D,
    private readonly context: Pick<StageContext, 'name' | 'folder' | 'console' | 'signal' | 'unreadable'>,
  ) {
    this.every = quality.every;
    const { name, better, digits } = quality.metric.columns[quality.column]!;
    this.ranking = { better, describe: (value) => `${name} ${value.toFixed(digits)}` };
  }

  async begin(): Promise<void> {}

  async run(iterations: number, journal: Journal): Promise<number> {
    const { metric, column } = this.quality;
    this.#real ??= await this.#measureReal();
    const values = metric.compare(await this.#measureGenerated(), this.#real).map(({ value }) => value);
    metric.columns.forEach(({ name }, c) => journal.metric(name, values[c]!, iterations));
    return values[column]!;
  }

  dispose(): void {
    this.quality.metric.dispose?.();
  }

  async #measureReal(): Promise<Vectors> {
    const { metric, batch, data: all, images } = this.quality;
    await metric.prepare?.();
    const data = new ReadableImages(all, this.context.unreadable.of('training', all), images);
    const names = metric.columns.map(({ name }) => name);
    const { warnings } = metric.remarks({ images: data.length, different: data.length, columns: names });
    warnings.forEach((warning) => this.context.console.warn(warning));
    const folder = join(this.context.folder, 'state');
    const { signal } = this.context;
    return data.untilReadable(() =>
      sharpVectors({
        data,
        name: 'data',
        identity: 'the training images of this stage',
        source: metric.vectors,
        batch,
        cache: folder,
        folder,
        console: SILENT,
        signal,
      }),
    );
  }

  async #measureGenerated(): Promise<Vectors> {
    const { batch, metric } = this.quality;
    const { length: count } = realImages(this.quality);
    const { vectors: source } = metric;
    const values = new Float32Array(count * source.length);
    for (let from = 0; from < count; from += batch) {
      await setImmediate(); // lets signals and the tracker have their turn
      if (this.context.signal.aborted) throw new Interrupted();
      values.set(source.of(this.#generate(from, Math.min(batch, count - from))), from * source.length);
    }
    return { count, length: source.length, values };
  }

  /** Errors: an image is not finite. */
  #generate(from: number, count: number): Image[] {
    return finiteImages(() => imagesMadeBy(() => this.#synthesize(from, count)), {
      name: `The average of "${this.generator.reference}" in stage "${this.context.name}"`,
      image: (i) => `generated image ${from + i}`,
      again: () => [this.#synthesize(from, count)],
    });
  }

  #synthesize(from: number, count: number): Tensor4D {
    const { module, parameters } = this.generator;
    const seed = tf.tensor1d([from, SEED], 'int32');
    return parameters.use(() => {
      const latents = drawLatents(module, count, 0, numbered(seed, 0));
      return toUnit(module.synthesize(latents, { noise: numbered(seed, 1) }));
    }, this.average);
  }
}
