import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import {
  directSampler,
  type Image,
  type ImageMetric,
  type ImageVectors,
  type SetMetric,
  type Vectors,
} from '@dualprior/blocks';
import { UserError } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import type { SharpVectors } from '../inference/sharp-vectors.ts';
import { evaluate, type EvaluationOptions } from './evaluate.ts';
import { greys, SHARP } from './testing/greys.ts';

/** The inputs are 84, 92 and 96: what they are measured by here is their grey. */
const DARKER = [16, 8, 4];

const grey = (image: Image) => image.data[0]!;

/** Vectors of images: multiples of their grey. */
function vectorsOf(key: string, factors: readonly number[]): ImageVectors {
  const of = (images: readonly Image[]) =>
    Float32Array.from(images.flatMap((image) => factors.map((factor) => factor * grey(image))));
  return { key, length: factors.length, of } as unknown as ImageVectors;
}

const ONE = vectorsOf('one', [1]);
const TWO = vectorsOf('two', [1, 10]);

const column = (name: string) => ({ name, better: 'lower', digits: 2 }) as const;

/** Its value is the first number of all sharp vectors minus that of the last restored image; an image contributes its first number. */
function setMetric(name: string, vectors: ImageVectors): SetMetric {
  const compare = (restored: Vectors, sharp: Vectors) => {
    const firsts = Float64Array.from(restored.values.filter((_, i) => i % restored.length === 0));
    return [
      { value: sharp.values[0]! - restored.values.at(-1)!, contributions: firsts },
      { value: restored.length, contributions: firsts.map((each) => -each) },
    ];
  };
  const metric = { columns: [column(name), column(`${name}_length`)], vectors, minimumImages: 2, compare };
  return metric as unknown as SetMetric;
}

const imageMetric = (name: string, measure: ImageMetric['measure']): ImageMetric => ({
  columns: [column(name)],
  measure,
});

let folder: string;
let checked: [key: string, index: number, grey: number][];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'evaluate-sets-'));
  checked = [];
});

function sharpOf(key: string, value: number): SharpVectors {
  const check = (index: number, image: Image) => void checked.push([key, index, grey(image)]);
  return { count: 3, length: 1, values: Float32Array.of(value), different: 1, check };
}

function options(change: Partial<EvaluationOptions> = {}): EvaluationOptions {
  return {
    data: greys(DARKER, 2),
    metrics: [
      setMetric('late', TWO),
      imageMetric('darker', (restored, sharp) => [grey(sharp) - grey(restored)]),
      setMetric('early', ONE),
      imageMetric('half', (restored) => [grey(restored) / 2]),
    ],
    sharp: new Map([
      ['one', sharpOf('one', 1000)],
      ['two', sharpOf('two', 2000)],
    ]),
    ...{ batch: 2, images: 0, compile: false, sampler: directSampler, signal: new AbortController().signal },
    console: { progress: () => ({ update: () => {}, stop: () => {} }) } as unknown as Console,
    ...change,
  };
}

const run = (change: Partial<EvaluationOptions> = {}) => evaluate('input', undefined, 'id', folder, options(change));
const table = (name: string) =>
  readFileSync(join(folder, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(','));

test('each metric compares the vectors that it asks for, and values are in the order of the columns', async () => {
  const { values } = await run();
  // The last input is 96. 'late' ends in 10 times that.
  expect(values).toEqual([2000 - 960, 2, (16 + 8 + 4) / 3, 1000 - 96, 1, (42 + 46 + 48) / 3]);
});

test('values of an image stand in one table, contributions to those of the set in another', async () => {
  await run();
  expect(table('metrics.csv')).toEqual([
    ['image', 'darker', 'half'],
    ['grey-0.png', '16', '42'],
    ['grey-1.png', '8', '46'],
    ['grey-2.png', '4', '48'],
  ]);
  expect(table('contributions.csv')).toEqual([
    ['image', 'late', 'late_length', 'early', 'early_length'],
    ['grey-0.png', '84', '-84', '84', '-84'],
    ['grey-1.png', '92', '-92', '92', '-92'],
    ['grey-2.png', '96', '-96', '96', '-96'],
  ]);
  expect(readFileSync(join(folder, 'checksums.sha256'), 'utf8')).toMatch(/contributions\.csv/);
});

test('without metrics of sets there are no contributions', async () => {
  await run({ metrics: [options().metrics[1]!], sharp: new Map() });
  expect(readdirSync(folder)).toContain('metrics.csv');
  expect(readdirSync(folder)).not.toContain('contributions.csv');
});

test('what was measured before has the same values', async () => {
  const first = await run();
  const used: string[] = [];
  const metrics = options().metrics.map((metric) =>
    'compare' in metric ? { ...metric, compare: () => (used.push('compare'), []) } : metric,
  );
  expect(await run({ metrics })).toEqual(first);
  expect(used).toEqual([]);
});

test('each sharp image is checked against the vectors of all kinds', async () => {
  await run();
  const all = [0, 1, 2].flatMap((i) => ['one', 'two'].map((key) => [key, i, SHARP]));
  expect(checked).toEqual(all);
});

test('a sharp image that is not the one of its vector ends the evaluation', async () => {
  const check = (index: number) => {
    if (index === 2) throw new UserError('image 2 is another');
  };
  const sharp = new Map([...options().sharp].map(([key, known]) => [key, { ...known, check }]));
  await expect(run({ sharp })).rejects.toThrow('image 2 is another');
  expect(readdirSync(folder)).not.toContain('values.json');
});

test('vectors of the sharp images that nobody has made are a fault of the program', async () => {
  const sharp = new Map([['one', sharpOf('one', 1000)]]);
  await expect(run({ sharp })).rejects.toThrow('There are no vectors of the sharp images for two.');
});
