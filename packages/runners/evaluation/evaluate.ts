import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  isSetMetric,
  measureImage,
  Prefetcher,
  type Column,
  type Dataset,
  type ImageVectors,
  type Metric,
  type Pair,
  type Sampler,
} from '@dualprior/blocks';
import {
  fromJournalNumber,
  makeFolder,
  parseSealedJson,
  sealedJson,
  toJournalNumber,
  UserError,
  type JournalNumber,
  Interrupted,
} from '@dualprior/core';
import writeFileAtomic from 'write-file-atomic';
import type { Code } from '../code/code.ts';
import type { Console } from '../console/console.ts';
import type { Method } from '../methods/method.ts';
import { toCsvText } from './csv.ts';
import { damageOf } from './damage.ts';
import { MeasuredSoFar, type MeasuredImage } from '../inference/measured-so-far.ts';
import { finiteMean, infiniteColumn } from '../inference/finite-mean.ts';
import { imageTensor } from '../inference/images.ts';
import { finiteImages } from '../inference/not-finite-image.ts';
import { CONTRIBUTIONS, METRICS } from './per-image.ts';
import { restoreImages } from '../inference/restore.ts';
import { restoring } from '../inference/restoring.ts';
import { seal } from './seal.ts';
import type { SharpVectors } from '../inference/sharp-vectors.ts';
import { png } from '../inference/sheet.ts';

const VALUES = 'values.json';
const IDENTITY = 'identity';
const CODE = 'code.json';

export interface EvaluationOptions {
  readonly data: Dataset;
  /** Prepared. */
  readonly metrics: readonly Metric[];
  /** Vectors of the sharp images, by the key of what they were made with. */
  readonly sharp: ReadonlyMap<string, SharpVectors>;
  /** Images restored together. */
  readonly batch: number;
  /** How many images each method saves. */
  readonly images: number;
  /** Whether methods run as TensorFlow functions; otherwise operation by operation. */
  readonly compile: boolean;
  readonly sampler: Sampler;
  readonly console: Console;
  readonly signal: AbortSignal;
  /** The code that computes the values, if known. */
  readonly code?: Code | undefined;
}

/** What a method is worth. */
export interface Evaluated {
  /** In the order of the columns. */
  readonly values: readonly number[];
  /** By column, count of the images whose value is infinite; columns without any are absent. */
  readonly infinite: Readonly<Record<string, number>>;
}

/**
 * Restores the test images with one method (without a method: leaves them as they are) and measures them. Writes into `folder`:
 * `metrics.csv`, a row per image with the columns that have a value per image; `contributions.csv`, the same of those that have one for all images
 * (see `SetValue`); `values.json`, the value of each column and counts of infinite values; `images/`. What an earlier call with the same `identity` has written is
 * not computed again; what one that was stopped has measured, is in `folder/partial`, and the next continues with it.
 * Errors: no images; a restored image that is not finite; a metric that is NaN.
 */
export async function evaluate(
  label: string,
  method: Method | undefined,
  identity: string,
  folder: string,
  options: EvaluationOptions,
): Promise<Evaluated> {
  const { data, metrics } = options;
  const columns = columnsOf(metrics);
  if (data.length === 0) throw new UserError('There are no test images, so there is nothing to measure.');
  const kept = Math.min(options.images, data.length);
  const images = Array.from({ length: kept }, (_, i) => imageFile(folder, i));
  const hasImages = images.every(isThere);
  const isMeasured = hasImages && measuredIdentity(folder) === identity;
  const damage = isMeasured ? damageOf(folder, data.length) : undefined;
  if (damage !== undefined) options.console.warn(`${damage} ${label} is measured again.`);
  const finished = isMeasured && damage === undefined ? readFinished(folder, metrics) : undefined;
  if (finished) return finished;

  makeFolder(join(folder, 'images'));
  // An image that is to be kept must be restored again if it was not.
  const whole = JSON.stringify([identity, kept, options.code ?? null]);
  const sources = sourcesOf(metrics);
  const soFar = new MeasuredSoFar(
    join(folder, 'partial'),
    whole,
    sources.map(({ length }) => length),
    options.batch,
  );
  await measure(label, method, soFar, folder, options);

  const imageMetrics = metrics.filter((metric) => !isSetMetric(metric));
  const { rows } = soFar;
  const vectors = sources.map((_, kind) => soFar.vectors(kind));
  const values: number[] = [];
  const infinite: Record<string, number> = {};
  const ofSets: (readonly [name: string, contributions: Float64Array])[] = [];
  let column = 0;
  for (const metric of metrics) {
    if (isSetMetric(metric)) {
      const { key } = metric.vectors;
      const compared = metric.compare(
        vectors[sources.findIndex((source) => source.key === key)]!,
        sharpOf(key, options),
      );
      values.push(...compared.map(({ value }) => value));
      compared.forEach(({ contributions }, c) => ofSets.push([metric.columns[c]!.name, contributions]));
    } else {
      for (const { name } of metric.columns) {
        const own = column++;
        const found = finiteMean(rows.map((row) => row.values[own]!));
        values.push(found.mean);
        if (found.infinite > 0) infinite[name] = found.infinite;
      }
    }
  }
  const heads = columnsOf(imageMetrics).map(({ name }) => name);
  writeTable(
    join(folder, METRICS),
    ['image', ...heads],
    rows.map(({ name, values: own }) => [name, ...own]),
  );
  if (ofSets.length > 0) {
    writeTable(
      join(folder, CONTRIBUTIONS),
      ['image', ...ofSets.map(([name]) => name)],
      rows.map(({ name }, i) => [name, ...ofSets.map(([, contributions]) => contributions[i]!)]),
    );
  }
  const named = columns.flatMap(({ name }, c): (readonly [string, JournalNumber])[] => [
    [name, toJournalNumber(values[c]!)],
    ...(name in infinite ? [[infiniteColumn(name), infinite[name]!] as const] : []),
  ]);
  writeFileAtomic.sync(join(folder, VALUES), `${JSON.stringify(Object.fromEntries(named), null, 2)}\n`);
  const tables = [METRICS, ...(ofSets.length > 0 ? [CONTRIBUTIONS] : []), VALUES];
  seal(folder, [...tables, ...images.map((file) => relative(folder, file))]);
  rmSync(join(folder, CODE), { force: true });
  if (options.code) writeFileAtomic.sync(join(folder, CODE), sealedJson(options.code));
  writeFileAtomic.sync(join(folder, IDENTITY), identity);
  soFar.discard();
  return { values, infinite };
}

/** Restores and measures the images that are not measured yet. */
async function measure(
  label: string,
  method: Method | undefined,
  soFar: MeasuredSoFar,
  folder: string,
  options: EvaluationOptions,
): Promise<void> {
  const { data, metrics, batch, console } = options;
  const sources = sourcesOf(metrics);
  const batches = Math.ceil(data.length / batch);
  const progress = console.progress(label, data.length, soFar.rows.length, 'images');
  const step = method && restoring((images) => method.restore(images), options.compile);
  const prefetcher = new Prefetcher((index) => loadPairs(options, index * batch), 2, batches);
  try {
    for (let index = Math.ceil(soFar.rows.length / batch); index < batches; index++) {
      if (options.signal.aborted) throw new Interrupted();
      const start = index * batch;
      const pairs = await prefetcher.get(index);
      const degraded = pairs.map((pair) => pair.degraded);
      const restored = step
        ? finiteImages(() => restoreImages(degraded, step), {
            name: `The method "${label}"`,
            image: (i) => data.name(start + i),
            again: (i) => [method.restore(imageTensor([degraded[i]!]))],
          })
        : degraded;
      const measured: MeasuredImage[] = [];
      for (const [i, image] of restored.entries()) {
        const { sharp } = pairs[i]!;
        if (sharp) for (const known of options.sharp.values()) known.check(start + i, sharp);
        const name = data.name(start + i);
        const values: number[] = [];
        for (const metric of metrics) {
          if (isSetMetric(metric)) continue;
          const own = await measureImage(metric, image, sharp);
          refuseNaN(own, metric, `the method "${label}" on ${name}`);
          values.push(...own);
        }
        measured.push({ name, values });
        if (start + i < options.images) writeFileAtomic.sync(imageFile(folder, start + i), await png(image));
      }
      soFar.add(
        measured,
        sources.map((source) => source.of(restored)),
      );
      progress.update(soFar.rows.length, '');
    }
  } finally {
    await prefetcher.close();
    step?.dispose();
    progress.stop();
  }
}

function refuseNaN(values: readonly number[], { columns }: Metric, of: string): void {
  const bad = columns.find((_, c) => Number.isNaN(values[c]));
  if (bad) throw new UserError(`The metric ${bad.name} is NaN for ${of}: the weights that it uses are damaged.`);
}

/** By what the metrics compare sets of images, each once. */
export function sourcesOf(metrics: readonly Metric[]): ImageVectors[] {
  return [...new Map(metrics.filter(isSetMetric).map(({ vectors }) => [vectors.key, vectors])).values()];
}

function sharpOf(key: string, { sharp }: EvaluationOptions): SharpVectors {
  const found = sharp.get(key);
  if (!found) throw new Error(`There are no vectors of the sharp images for ${key}.`);
  return found;
}

function writeTable(file: string, head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  writeFileAtomic.sync(file, toCsvText([head, ...rows]));
}

/** All columns of the metrics, in their order. */
export function columnsOf(metrics: readonly Metric[]): Column[] {
  return metrics.flatMap(({ columns }) => columns);
}

/** Where the restored image `index` of a method is saved. */
export function imageFile(folder: string, index: number): string {
  return join(folder, 'images', `${String(index).padStart(4, '0')}.png`);
}

/** Whether there is such a file, and something in it. */
export function isThere(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function loadPairs({ data, batch, sampler }: EvaluationOptions, from: number): Promise<Pair[]> {
  const count = Math.min(batch, data.length - from);
  return Promise.all(Array.from({ length: count }, (_, i) => sampler.pair(data, from + i)));
}

/** The identity of the values in a folder; undefined if it holds none. */
export function measuredIdentity(folder: string): string | undefined {
  const [marker, values] = [join(folder, IDENTITY), join(folder, VALUES)];
  return [marker, values].every((each) => existsSync(each)) ? readFileSync(marker, 'utf8') : undefined;
}

/** The code that computed the values in a folder; undefined if unknown. */
export function measuredCode(folder: string): Code | undefined {
  try {
    return parseSealedJson(readFileSync(join(folder, CODE), 'utf8')).value as Code;
  } catch {
    return undefined; // it is of an older version, or damaged: no value depends on it
  }
}

/** Undefined also for values of an older version, which has added up infinite ones. */
function readFinished(folder: string, metrics: readonly Metric[]): Evaluated | undefined {
  const saved = JSON.parse(readFileSync(join(folder, VALUES), 'utf8')) as Record<string, JournalNumber>;
  const values = columnsOf(metrics).map(({ name }) => fromJournalNumber(saved[name]!));
  const names = columnsOf(metrics.filter((metric) => !isSetMetric(metric))).map(({ name }) => name);
  const counted = names.filter((name) => infiniteColumn(name) in saved);
  const infinite = Object.fromEntries(counted.map((name) => [name, Number(saved[infiniteColumn(name)])]));
  const isOld = names.some((name) => !Number.isFinite(fromJournalNumber(saved[name]!)) && !(name in infinite));
  return isOld ? undefined : { values, infinite };
}
