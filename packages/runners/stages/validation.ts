import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pairAt, psnr, type Dataset, type Image, type Pair } from '@dualprior/blocks';
import { makeFolder, type Journal } from '@dualprior/core';
import { restoreImages } from '../evaluation/restore.ts';
import type { Restoring } from '../evaluation/restoring.ts';
import { contactSheet } from '../evaluation/sheet.ts';

const SAMPLES = 4;
const DEFAULT_LIMIT = 64;

/**
 * Mean PSNR (RGB, 8 bits) over held-out images, always the same ones with the same degradations,
 * and a picture of the first few: degraded, restored, sharp.
 */
export class Validation {
  #pairs: Pair[] | undefined;

  constructor(
    readonly data: Dataset,
    readonly batch: number,
    readonly folder: string,
  ) {}

  /** The degraded images themselves, as the point of departure. */
  async begin(journal: Journal): Promise<number> {
    const pairs = (this.#pairs ??= await this.#load());
    return this.#record(
      0,
      journal,
      pairs,
      pairs.map(({ degraded }) => degraded),
    );
  }

  async run(iterations: number, journal: Journal, restoring: Restoring): Promise<number> {
    const pairs = (this.#pairs ??= await this.#load());
    const restored: Image[] = [];
    for (let i = 0; i < pairs.length; i += this.batch) {
      restored.push(
        ...restoreImages(
          pairs.slice(i, i + this.batch).map(({ degraded }) => degraded),
          restoring,
        ),
      );
    }
    return this.#record(iterations, journal, pairs, restored);
  }

  async #record(iterations: number, journal: Journal, pairs: readonly Pair[], restored: Image[]): Promise<number> {
    const value = restored.reduce((sum, image, i) => sum + psnr(image, pairs[i]!.sharp), 0) / pairs.length;
    journal.metric('validation_psnr', value, iterations);
    await this.#writeSamples(iterations, journal, restored);
    return value;
  }

  async #load(): Promise<Pair[]> {
    const count = Math.min(this.data.length, DEFAULT_LIMIT);
    const pairs: Pair[] = [];
    for (let i = 0; i < count; i++) pairs.push(await pairAt(this.data, i));
    return pairs;
  }

  async #writeSamples(iterations: number, journal: Journal, restored: Image[]): Promise<void> {
    const folder = join(this.folder, 'samples');
    makeFolder(folder);
    const file = join(folder, `${String(iterations).padStart(7, '0')}.png`);
    const rows = this.#pairs!.slice(0, SAMPLES).map(({ sharp, degraded }, i) => [degraded, restored[i]!, sharp]);
    writeFileSync(file, await contactSheet(rows));
    journal.image('validation', file, iterations);
  }
}
