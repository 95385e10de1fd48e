import { mkdirSync, mkdtempSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { Journal, loadExperiment, UserError } from '@dualprior/core';
import '../../index.ts';
import { RunDirectory } from '../../store/run-directory.ts';
import { StageFolder } from '../../store/stage-folder.ts';
import { readMeasurements, saveMeasurements, type Measurements } from './measurements.ts';
import { readRunRecord } from './run-record.ts';
import { readStageHistory } from './stage-history.ts';

const experiment = loadExperiment(resolve(import.meta.dirname, '../../../../experiments/dual-prior-smoke.yaml'));

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'record-')));
});

/** A trained stage in the store: its journal with a point at each of these iterations. */
function trained(name: string, steps: readonly number[], seconds: number): StageFolder {
  const stage = new StageFolder(join(folder, 'store', `hash-of-${name}`));
  const journal = Journal.open(stage.journal);
  journal.start(name);
  for (const step of steps) journal.metric('loss', 1 / step, step);
  mkdirSync(join(stage.path, 'samples'));
  for (const [step, content] of ['a picture', ''].entries()) {
    const file = join(stage.path, 'samples', `${step + 1}.png`);
    writeFileSync(file, content); // an empty one is left out
    journal.image('validation', file, step + 1);
  }
  journal.end('FINISHED');
  journal.close();
  stage.update({ complete: true, result: 'best', seconds });
  return stage;
}

const measurements: Measurements = {
  columns: [
    { name: 'psnr', better: 'higher', digits: 2 },
    { name: 'lpips', better: 'lower', digits: 4 },
    { name: 'fid', better: 'lower', digits: 2 },
  ],
  rows: [
    { method: 'input', values: [20, 0.5, 30] },
    { method: 'NAFNet', values: [24, 0.3, NaN], parameters: 1000 },
    { method: 'Ours', values: [23, 0.2, Infinity], parameters: 5000, views: ['x_R'] },
  ],
  note: 'Mean over 12 images.',
  facts: { engine: 'none' },
};

function perImage(method: string, rows: readonly string[], times: number): void {
  mkdirSync(join(folder, 'run', 'evaluation', method), { recursive: true });
  const many = Array.from({ length: times }, () => rows).flat();
  const lines = ['image,psnr,lpips', ...many.map((row, i) => `face-${i},${row}`)];
  writeFileSync(join(folder, 'run', 'evaluation', method, 'metrics.csv'), `${lines.join('\n')}\n`);
}

/** @param times how many faces for each of four */
function savedRun(times = 3): string {
  const directory = RunDirectory.open(join(folder, 'run'), experiment);
  saveMeasurements(directory, measurements);
  perImage('input', ['20,0.5', '20,0.5', '20,0.5', '20,0.5'], times);
  perImage('NAFNet', ['23,0.3', '24,0.4', '25,0.2', '24,0.3'], times);
  perImage('Ours', ['22,0.2', '23,0.3', '24,0.1', '23,0.2'], times);
  mkdirSync(directory.file('stages'));
  for (const [name, steps, seconds] of [
    ['restore', [4, 8], 10],
    ['prior', [4], 20],
    ['invert', [3, 6], 30],
    ['fuse', [3, 5], 40],
  ] as const) {
    symlinkSync(trained(name, steps, seconds).path, directory.file('stages', name));
  }
  return directory.path;
}

test('what was measured comes back as it was, also what is not finite', () => {
  const directory = RunDirectory.open(join(folder, 'run'), experiment);
  saveMeasurements(directory, measurements);
  expect(readMeasurements(directory.path)).toEqual(measurements);
});

test('a run that has not finished is an error', () => {
  expect(() => readMeasurements(folder)).toThrow(/has no results yet .* The same `yarn experiment`/);
});

test('a stage has seen its batch as often as its journal says', async () => {
  const stage = trained('restore', [4, 8], 12.5);
  const history = await readStageHistory('restore', 'h', { type: 'regression', images: 16 }, stage);
  expect(history).toMatchObject({ iterations: 8, batch: 16, seconds: 12.5, result: 'best' });
  expect(history.curves).toEqual([
    {
      name: 'loss',
      points: [
        [4, 0.25],
        [8, 0.125],
      ],
    },
  ]);
  expect(history.snapshots).toEqual([{ key: 'validation', step: 1, file: join(stage.path, 'samples', '1.png') }]);
});

test('its iterations are those of its record, where that has them', async () => {
  const stage = trained('restore', [4, 8], 12.5);
  stage.update({ iterations: 10 });
  expect((await readStageHistory('restore', 'h', { type: 'regression', images: undefined }, stage)).iterations).toBe(
    10,
  );
});

test.each([
  ['is cut off', (text: string) => text.slice(0, -1), 'it is cut off'],
  ['has lost a value', (text: string) => text.replace('0.3', ''), '"" is no number'],
  ['has lost a comma', (text: string) => text.replace('24,0.3', '240.3'), 'Invalid Record Length'],
])('a table of values that %s is an error that says what to do', async (_, change, why) => {
  const directory = savedRun();
  const file = join(directory, 'evaluation', 'NAFNet', 'metrics.csv');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  const reading = readRunRecord(experiment, directory);
  await expect(reading).rejects.toThrow(UserError);
  await expect(reading).rejects.toThrow(`${file} is damaged: ${why}`);
  await expect(reading).rejects.toThrow(/The same `.*experiment` makes it again\.$/);
});

test('results with a digit changed are an error; those of older versions have no checksum', () => {
  const directory = savedRun();
  const file = join(directory, 'results.json');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('5000', '6000'));
  expect(() => readMeasurements(directory)).toThrow(/its checksum is wrong.*The same `.*experiment`/);
  const { crc32: _, ...older } = JSON.parse(text) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify(older));
  expect(readMeasurements(directory)).toEqual(measurements);
});

test('a row costs what all stages behind it cost', async () => {
  const { results, stages } = await readRunRecord(experiment, savedRun());
  const batch = 4;
  expect(results.rows.map(({ cost }) => cost)).toEqual([
    undefined,
    { parameters: 1000, images: 8 * batch, seconds: 10 },
    { parameters: 5000, images: (8 + 4 + 6 + 5) * batch, seconds: 100 },
  ]);
  expect(stages.map(({ name, hash }) => `${name} ${hash}`)).toEqual(
    ['restore', 'prior', 'invert', 'fuse'].map((name) => `${name} hash-of-${name}`),
  );
});

test('a row that a claim compares, and that saw fewer images than stages 1 and 2, is named under the table', async () => {
  const file = join(folder, 'claimed.yaml');
  const parents = ['dual-prior-smoke', 'paper-report'].map((name) =>
    resolve(import.meta.dirname, `../../../../experiments/${name}.yaml`),
  );
  writeFileSync(file, `extends: [${parents.join(', ')}]`);
  const { results } = await readRunRecord(loadExperiment(file), savedRun());
  expect(results.remarks).toContainEqual(
    expect.stringMatching(
      /^NAFNet sees 32 training images \(restore\), fewer than the 44 that Ours sees in invert and fuse/,
    ),
  );
});

test('differences are paired: what varies from image to image alike widens no interval', async () => {
  const { evidence } = await readRunRecord(experiment, savedRun());
  const [psnr, lpips, fid] = evidence.columns;
  expect(evidence.lead(psnr!, 'Ours', 'NAFNet')).toEqual({ value: -1, interval: [-1, -1] });
  const better = evidence.lead(lpips!, 'Ours', 'NAFNet')!;
  expect(better.value).toBeCloseTo(0.1);
  expect(better.interval![0]).toBeCloseTo(0.1);
  const [low, high] = evidence.lead(psnr!, 'NAFNet', 'input')!.interval!;
  expect(low).toBeGreaterThanOrEqual(3);
  expect(low).toBeLessThan(4);
  expect(high).toBeGreaterThan(4);
  expect(high).toBeLessThanOrEqual(5);
  expect(evidence.lead(fid!, 'Ours', 'NAFNet')).toBeUndefined();
});

test('fewer than ten faces have no interval to decide by', async () => {
  const { evidence } = await readRunRecord(experiment, savedRun(2));
  expect(evidence.lead(evidence.columns[0]!, 'Ours', 'NAFNet')).toEqual({ value: -1, interval: undefined });
});
