import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { psnr, type Dataset, type Image, type Pair } from '@dualprior/blocks';
import { makeFolder, type Journal } from '@dualprior/core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { viewImages } from '../evaluation/restore.ts';
import { viewing, type Viewing } from '../evaluation/restoring.ts';
import { contactSheet } from '../evaluation/sheet.ts';
import type { StageContext } from './stage.ts';
import type { PeriodicValidation } from './training-loop.ts';

const SAMPLES = 4;
const DEFAULT_LIMIT = 64;

export interface ValidationOptions {
  readonly data: Dataset;
  /** Iterations between validations. */
  readonly every: number;
  /** Images at a time. */
  readonly batch: number;
  /** What the networks make of degraded images; the last is the result. */
  readonly viewing: Viewing;
  /** Whether the result with the highest PSNR is the best one. */
  readonly ranks: boolean;
}

/** What of a stage's options is about its validation. */
interface StageOptions {
  readonly validation?: Dataset | undefined;
  readonly validateEvery: number;
  readonly batch: { readonly size: number };
}

/** The validation that a stage's options ask for, if they do. `views` as `ValidationOptions.viewing`. */
export function validationOf(
  { validation: data, validateEvery: every, batch: { size: batch } }: StageOptions,
  views: (degraded: Tensor4D) => readonly Tensor4D[],
  { compile, ranks }: { readonly compile: boolean; readonly ranks: boolean },
  context: Pick<StageContext, 'folder' | 'console' | 'sampler'>,
): Validation | undefined {
  return data && new Validation({ data, every, batch, viewing: viewing(views, compile), ranks }, context);
}

/**
 * Mean PSNR (RGB, 8 bits) over held-out images, always the same ones with the same degradations,
 * and a picture of the first few: degraded, what the networks make of it, sharp.
 */
export class Validation implements PeriodicValidation {
  readonly every: number;
  #pairs: Pair[] | undefined;

  constructor(
    private readonly options: ValidationOptions,
    private readonly context: Pick<StageContext, 'folder' | 'console' | 'sampler'>,
  ) {
    this.every = options.every;
  }

  /** The degraded images themselves, as the point of departure. */
  async begin(journal: Journal): Promise<void> {
    const degraded = (await this.#load()).map((pair) => [pair.degraded]);
    const input = await this.#record(0, journal, degraded);
    this.context.console.info(`  the degraded validation images have ${input.toFixed(2)} dB`);
  }

  async run(iterations: number, journal: Journal): Promise<number | undefined> {
    const { batch, viewing, ranks } = this.options;
    const degraded = (await this.#load()).map((pair) => pair.degraded);
    const views: Image[][] = [];
    for (let i = 0; i < degraded.length; i += batch) views.push(...viewImages(degraded.slice(i, i + batch), viewing));
    const value = await this.#record(iterations, journal, views);
    return ranks ? value : undefined;
  }

  dispose(): void {
    this.options.viewing.dispose();
  }

  async #record(iterations: number, journal: Journal, views: readonly Image[][]): Promise<number> {
    const pairs = await this.#load();
    const value = views.reduce((sum, images, i) => sum + psnr(images.at(-1)!, pairs[i]!.sharp), 0) / pairs.length;
    journal.metric('validation_psnr', value, iterations);
    const rows = pairs.slice(0, SAMPLES).map(({ sharp, degraded }, i) => [degraded, ...views[i]!, sharp]);
    await this.#writeSamples(iterations, journal, rows);
    return value;
  }

  async #load(): Promise<Pair[]> {
    const { data } = this.options;
    const count = Math.min(data.length, DEFAULT_LIMIT);
    const load = () => Promise.all(Array.from({ length: count }, (_, i) => this.context.sampler.pair(data, i)));
    return (this.#pairs ??= await load());
  }

  async #writeSamples(iterations: number, journal: Journal, rows: readonly Image[][]): Promise<void> {
    const folder = join(this.context.folder, 'samples');
    makeFolder(folder);
    const file = join(folder, `${String(iterations).padStart(7, '0')}.png`);
    writeFileSync(file, await contactSheet(rows));
    journal.image('validation', file, iterations);
  }
}
