import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureImage, psnr, withSharp, type Dataset, type Image, type Metric } from '@dualprior/blocks';
import { makeFolder, type Journal } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import { imageTensor, toImages } from '../../inference/images.ts';
import { finiteImages } from '../../inference/not-finite-image.ts';
import { ReadableImages } from '../../inference/readable-images.ts';
import { groupBySize } from '../../inference/restore.ts';
import { contactSheet } from '../../inference/sheet.ts';
import { finiteMean } from '../../inference/finite-mean.ts';
import { selectingMetric, type Selecting } from './select.ts';
import { makeViews, ViewMaker, type StageViews } from './stage-views.ts';
import type { StageContext } from '../stage.ts';
import type { PeriodicValidation, Ranking } from '../training/training-loop.ts';

const SAMPLES = 4;
/** The number of validation images of an endless data set. */
const IMAGES_OF_ENDLESS = 64;
const GIBIBYTE = 2 ** 30;
const MEMORY = 2 * GIBIBYTE;
const PSNR = 'psnr';
const BY_PSNR: Ranking = { better: 'higher', describe: (value) => `validation PSNR ${value.toFixed(2)} dB` };

interface ValidationOptions {
  readonly data: Dataset;
  /** Iterations between validations. */
  readonly every: number;
  /** Images at a time. */
  readonly batch: number;
  readonly views: StageViews;
  readonly compile: boolean;
  /** Whether the result with the highest PSNR is the best one, where no other metric chooses. */
  readonly ranks: boolean;
  /** Computed besides; its first column chooses the best result. */
  readonly select?: Selecting | undefined;
  /** For the views of frozen networks, in bytes. */
  readonly memory?: number;
}

/** What of a stage's options is about its validation. */
interface StageOptions {
  readonly validation?: Dataset | undefined;
  readonly select?: { readonly metric: Metric } | undefined;
  readonly validateEvery: number;
  readonly batch: { readonly size: number };
}

type ValidationContext = Pick<StageContext, 'name' | 'folder' | 'console' | 'sampler' | 'unreadable'>;

/** The validation that a stage's options ask for, if they do. */
export function validationOf(
  options: StageOptions,
  views: StageViews,
  how: { readonly compile: boolean; readonly ranks: boolean },
  context: ValidationContext,
): Validation | undefined {
  const { validation: data, validateEvery: every, batch } = options;
  return (
    data && new Validation({ data, every, batch: batch.size, views, select: selectingMetric(options), ...how }, context)
  );
}

/** Images of one size that go through the networks together. */
interface Group {
  readonly indices: readonly number[];
  readonly degraded: readonly Image[];
}

/**
 * Mean PSNR (RGB, 8 bits) over all held-out images that can be read (the first 64 of an endless data set) with the degradations that they always
 * have, the metric that chooses, and a picture of the first few: degraded, what the networks make of it, sharp.
 */
export class Validation implements PeriodicValidation {
  readonly every: number;
  readonly ranking: Ranking | undefined;
  readonly #maker: ViewMaker;
  #loaded: { readonly pairs: readonly ReturnType<typeof withSharp>[]; readonly batches: readonly Group[] } | undefined;

  constructor(
    private readonly options: ValidationOptions,
    private readonly context: ValidationContext,
  ) {
    const { every, views, compile, ranks, select, memory = MEMORY } = options;
    this.every = every;
    this.ranking = select ? rankingBy(select) : ranks ? BY_PSNR : undefined;
    this.#maker = new ViewMaker(views, compile, memory, (names) => {
      const allowed = (memory / GIBIBYTE).toPrecision(2);
      context.console.info(
        `  ${names.join(' and ')} of all validation images take more than ${allowed} GiB of memory: those beyond are computed again each time`,
      );
    });
  }

  /** The PSNR of the degraded images, as the point of departure, and the first images as the networks have them at the beginning. */
  async begin(journal: Journal): Promise<void> {
    const { pairs, batches } = await this.#load();
    const degraded = pairs.map((pair) => pair.degraded);
    const { byPsnr } = await this.#note(degraded, 0, journal);
    this.context.console.info(`  PSNR of the degraded validation images: ${byPsnr.toFixed(2)} dB`);
    const shown = batches.map(({ indices }) => indices.some((i) => i < SAMPLES));
    const { samples } = this.#view(batches, (batch) => shown[batch]!);
    await this.#writeSamples(0, journal, samples);
  }

  async run(iterations: number, journal: Journal): Promise<number> {
    const { batches } = await this.#load();
    const { results, samples } = this.#view(batches, () => true);
    const { byPsnr, chosen } = await this.#note(results, iterations, journal);
    await this.#writeSamples(iterations, journal, samples);
    return chosen ?? byPsnr;
  }

  dispose(): void {
    this.#maker.dispose();
    this.options.select?.dispose?.();
  }

  /** Journals the mean PSNR, and the mean of the metric that chooses where there is one, and returns both. */
  async #note(
    images: readonly Image[],
    iterations: number,
    journal: Journal,
  ): Promise<{ byPsnr: number; chosen?: number }> {
    const { pairs } = await this.#load();
    const { select } = this.options;
    const byPsnr = meanPsnr(pairs.map(({ sharp }, i) => [images[i]!, sharp]));
    if (!select) {
      journal.metric(curveOf(PSNR), byPsnr, iterations);
      return { byPsnr };
    }
    const values: number[] = [];
    for (const [i, { sharp }] of pairs.entries()) values.push((await measureImage(select, images[i]!, sharp))[0]!);
    const { mean } = finiteMean(values);
    const curves = { [curveOf(PSNR)]: byPsnr, [curveOf(select.columns[0]!.name)]: mean };
    for (const [name, value] of Object.entries(curves)) journal.metric(name, value, iterations);
    return { byPsnr, chosen: mean };
  }

  /** The result of each image of the batches, and all views of the first few. Errors: one of them is not finite. */
  #view(batches: readonly Group[], taken: (batch: number) => boolean): { results: Image[]; samples: Image[][] } {
    const results: Image[] = [];
    const samples: Image[][] = [];
    for (const [number, { indices, degraded }] of batches.entries()) {
      if (!taken(number)) continue;
      tf.tidy(() => {
        const views = this.#maker.make(number, imageTensor(degraded));
        const shown = indices.filter((index) => index < SAMPLES).length;
        const made = finiteImages(() => views.slice(shown > 0 ? 0 : -1).map(toImages), {
          name: `Stage "${this.context.name}", in its validation,`,
          image: (i) => this.options.data.name(indices[i]!),
          again: (i) => makeViews(this.options.views, imageTensor([degraded[i]!])),
        });
        indices.forEach((index, i) => {
          results[index] = made.at(-1)![i]!;
          if (i < shown) samples[index] = made.map((images) => images[i]!);
        });
      });
    }
    return { results, samples };
  }

  async #load() {
    return (this.#loaded ??= await this.#loadAll());
  }

  async #loadAll() {
    const { data, batch: size, select } = this.options;
    await select?.prepare?.();
    const { sampler, unreadable } = this.context;
    const most = Number.isFinite(data.length) ? data.length : IMAGES_OF_ENDLESS;
    const images = new ReadableImages(data, unreadable.of('validation', data), most);
    const { pair } = images.pairsBy(sampler);
    const pairs = await images.untilReadable(() =>
      Promise.all(Array.from({ length: images.length }, async (_, i) => withSharp(await pair(images, i)))),
    );
    const batches: Group[] = [];
    for (let start = 0; start < pairs.length; start += size) {
      const degraded = pairs.slice(start, start + size).map((pair) => pair.degraded);
      for (const own of groupBySize(degraded).values()) {
        batches.push({ indices: own.map((i) => start + i), degraded: own.map((i) => degraded[i]!) });
      }
    }
    return { pairs, batches };
  }

  async #writeSamples(iterations: number, journal: Journal, samples: readonly Image[][]): Promise<void> {
    const { pairs } = await this.#load();
    const rows = samples.map((views, i) => [pairs[i]!.degraded, ...views, pairs[i]!.sharp]);
    const folder = join(this.context.folder, 'samples');
    makeFolder(folder);
    const file = join(folder, `${String(iterations).padStart(7, '0')}.png`);
    writeFileSync(file, await contactSheet(rows, ['x', ...this.#maker.names, 'truth']));
    journal.image('validation', file, iterations);
  }
}

function curveOf(column: string): string {
  return `validation_${column}`;
}

function rankingBy({ columns }: Selecting): Ranking {
  const { name, better, digits } = columns[0]!;
  return { better, describe: (value) => `validation ${name} ${value.toFixed(digits)}` };
}

/** Mean PSNR, which must stay finite to rank: an image that equals the sharp one counts as if one of its numbers were off by one. */
function meanPsnr(images: readonly (readonly [image: Image, sharp: Image])[]): number {
  const least = ({ width, height }: Image) => 1 / (3 * width * height);
  const finite = (image: Image, sharp: Image) => Math.min(psnr(image, sharp), 10 * Math.log10(255 ** 2 / least(sharp)));
  return images.reduce((sum, [image, sharp]) => sum + finite(image, sharp), 0) / images.length;
}
