import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { Random } from '@dualprior/core';
import sharp from 'sharp';

jest.setTimeout(240_000);

const ROOT = resolve(import.meta.dirname, '../../..');
const SIDE = 16;

let folder: string;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'images-')));
  for (const name of ['train', 'test']) mkdirSync(join(folder, name));
  for (let i = 0; i < 12; i++) writeFileSync(join(folder, 'train', `${i}.png`), await image(i));
  for (let i = 0; i < 9; i++) writeFileSync(join(folder, 'test', `${i}.jpg`), await image(100 + i, 'jpeg'));
  for (const i of [2, 3]) writeFileSync(join(folder, 'test', `copy-${i}.png`), await image(i));
  const whole = await image(109, 'jpeg');
  writeFileSync(join(folder, 'test', 'cut.jpg'), whole.subarray(0, whole.length - 20));
  writeFileSync(join(folder, 'test', 'left.bmp'), 'BM');
});

function image(seed: number, format: 'png' | 'jpeg' = 'png'): Promise<Buffer> {
  const stream = new Random(seed).stream('pixels');
  const pixels = Uint8Array.from({ length: 3 * SIDE * SIDE }, () => stream.integer(256));
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .toFormat(format)
    .toBuffer();
}

function experiment(...more: string[]) {
  const data = (name: string, seed: number, options = '') => [
    `data.${name}=null`,
    `data.${name}={type: image-folder, root: ${join(folder, name)}, seed: ${seed}, degradation: blur${options}}`,
  ];
  const set = [
    `store=${join(folder, 'store')}`,
    ...data('train', 1),
    ...data('test', 2),
    'data.validation=null',
    ...['stages.nafnet.iterations=4', 'stages.nafnet.validation=null', 'stages.hinet=null', 'methods.HINet=null'],
    ...more,
  ].flatMap((option) => ['--set', option]);
  const file = join(ROOT, 'experiments', 'smoke.yaml');
  const run = [join(ROOT, 'tools', 'run.mjs'), 'experiment', file, '--run-dir', join(folder, 'run'), ...set];
  return spawnSync(process.execPath, run, { encoding: 'utf8' });
}

const read = (...names: string[]) => readFileSync(join(folder, 'run', ...names), 'utf8');

test('the table names a test image that cannot be read, and those that were trained on', () => {
  const { status, stderr, stdout } = experiment();
  expect({ status, stderr }).toMatchObject({ status: 0 });
  const cut = `${join(folder, 'test', 'cut.jpg')} is skipped: it cannot be decoded (damaged or cut off)`;
  expect(stderr.split(cut)).toHaveLength(2);
  expect(stderr).toContain(`warning: Not used in ${join(folder, 'test')}: 1 .bmp.`);
  const shared = '2 of the 12 test images ("test") are training images of nafnet ("train"), e.g. ';
  expect(stderr.indexOf(shared)).toBeGreaterThan(0);
  expect(stderr.indexOf(shared)).toBeLessThan(stderr.indexOf('Stage nafnet'));
  const missing = 'Missing from all rows (cut.jpg: it cannot be decoded (damaged or cut off)).';
  for (const table of [stdout, read('table.md')]) {
    expect(table).toContain(`Mean over 11 images of "test". ${missing}`);
    expect(table).toContain(`- ${shared}`);
  }
  for (const label of ['input', 'NAFNet']) {
    const rows = read('evaluation', label, 'metrics.csv').trim().split('\n').slice(1);
    const [names, psnr] = [0, 1].map((column) => rows.map((row) => row.split(',')[column]!));
    expect(names).toEqual([...Array(9).keys()].map((i) => `${i}.jpg`).concat('copy-2.png', 'copy-3.png'));
    const row = read('results.csv')
      .split('\n')
      .find((line) => line.startsWith(`${label},`))!;
    const mean = psnr!.reduce((sum, value) => sum + Number(value), 0) / rows.length;
    expect(Number(row.split(',')[1])).toBeCloseTo(mean, 10);
  }

  const measured = statSync(join(folder, 'run', 'evaluation', 'NAFNet', 'values.json')).mtimeMs;
  const table = read('table.md');
  expect(experiment().status).toBe(0);
  expect(read('table.md')).toBe(table);
  expect(statSync(join(folder, 'run', 'evaluation', 'NAFNet', 'values.json')).mtimeMs).toBe(measured);
});

test('training on the data set of the evaluation is an error before anything is done', () => {
  const { status, stderr } = experiment('evaluation.data=train');
  expect(status).toBe(2);
  expect(stderr).toContain('stages.nafnet.data: "train" has the images of the evaluation ("train")');
  expect(stderr).not.toMatch(/^\s+at /m);
});
