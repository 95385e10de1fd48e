import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Prefetcher, type Column, type Dataset, type Metric, type Pair, type Sampler } from '@dualprior/blocks';
import { makeFolder } from '@dualprior/core';
import { stringify } from 'csv-stringify/sync';
import { parse } from 'csv-parse/sync';
import writeFileAtomic from 'write-file-atomic';
import type { Console } from '../console/console.ts';
import type { Method } from '../methods/method.ts';
import { Interrupted } from '../stages/interrupted.ts';
import { restoreImages } from './restore.ts';
import { restoring } from './restoring.ts';
import { png } from './sheet.ts';

export interface EvaluationOptions {
  readonly data: Dataset;
  /** Prepared. */
  readonly metrics: readonly Metric[];
  /** Images restored together. */
  readonly batch: number;
  /** How many images each method saves. */
  readonly images: number;
  /** Whether methods run as TensorFlow functions; otherwise operation by operation. */
  readonly compile: boolean;
  readonly sampler: Sampler;
  readonly console: Console;
  readonly signal: AbortSignal;
}

/**
 * Restores the test images with one method (without a method: leaves them as they are) and measures them.
 * Writes `folder/metrics.csv` with a row an image and `folder/images/`. What an earlier call with the same `identity`
 * has written is not computed again.
 * @returns mean of each column over the images
 */
export async function evaluate(
  label: string,
  method: Method | undefined,
  identity: string,
  folder: string,
  options: EvaluationOptions,
): Promise<number[]> {
  const columns = columnsOf(options.metrics);
  const count = options.data.length;
  const kept = Math.min(options.images, count);
  const hasImages = kept === 0 || existsSync(imageFile(folder, kept - 1));
  const finished = hasImages ? readFinished(folder, identity, columns) : undefined;
  if (finished) return means(finished, columns.length);

  makeFolder(join(folder, 'images'));
  const progress = options.console.progress(label, count, 0, 'images');
  const rows: number[][] = [];
  const names: string[] = [];
  const step = method && restoring((batch) => method.restore(batch), options.compile);
  const batches = Math.ceil(count / options.batch);
  const prefetcher = new Prefetcher((batch) => loadPairs(options, batch * options.batch), 2, batches);
  try {
    for (let batch = 0; batch < batches; batch++) {
      if (options.signal.aborted) throw new Interrupted();
      const start = batch * options.batch;
      const pairs = await prefetcher.get(batch);
      const degraded = pairs.map((pair) => pair.degraded);
      const restored = step ? restoreImages(degraded, step) : degraded;
      for (const [i, image] of restored.entries()) {
        const { sharp } = pairs[i]!;
        const index = start + i;
        const values: number[] = [];
        for (const metric of options.metrics) values.push(...(await metric.measure(image, sharp)));
        rows.push(values);
        names.push(options.data.name(index));
        if (index < options.images) writeFileSync(imageFile(folder, index), await png(image));
      }
      progress.update(rows.length, '');
    }
  } finally {
    await prefetcher.close();
    step?.dispose();
    progress.stop();
  }
  const table = [['image', ...columns.map(({ name }) => name)], ...rows.map((row, i) => [names[i], ...row])];
  writeFileAtomic.sync(join(folder, 'metrics.csv'), stringify(table));
  writeFileAtomic.sync(join(folder, 'identity'), identity);
  return means(rows, columns.length);
}

/** All columns of the metrics, in their order. */
export function columnsOf(metrics: readonly Metric[]): Column[] {
  return metrics.flatMap(({ columns }) => columns);
}

/** Where the restored image `index` of a method is saved. */
export function imageFile(folder: string, index: number): string {
  return join(folder, 'images', `${String(index).padStart(4, '0')}.png`);
}

function loadPairs({ data, batch, sampler }: EvaluationOptions, from: number): Promise<Pair[]> {
  const count = Math.min(batch, data.length - from);
  return Promise.all(Array.from({ length: count }, (_, i) => sampler.pair(data, from + i)));
}

function readFinished(folder: string, identity: string, columns: Column[]): number[][] | undefined {
  const [marker, csv] = [join(folder, 'identity'), join(folder, 'metrics.csv')];
  if (!existsSync(marker) || readFileSync(marker, 'utf8') !== identity) return undefined;
  const records = parse(readFileSync(csv), { columns: true }) as Record<string, string>[];
  return records.map((record) => columns.map(({ name }) => Number(record[name])));
}

function means(rows: readonly number[][], columns: number): number[] {
  return Array.from({ length: columns }, (_, c) => rows.reduce((sum, row) => sum + row[c]!, 0) / rows.length);
}
