import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Generator } from '@dualprior/blocks';
import { Journal, loadEngine, readWholeJournal } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import type { TrainedGenerator } from '../../networks/gan-networks.ts';
import { SampleGrid } from './sample-grid.ts';

loadEngine();

const SIDE = 4;
const LEVEL = 40;

/** A generator whose i-th image has the grey level 40 i. */
const module = {
  styleWidth: 2,
  map: (z: Tensor2D) => z,
  synthesize: (w: Tensor2D): Tensor4D => {
    const levels = Array.from({ length: w.shape[0] }, (_, i) => (2 * LEVEL * i) / 255 - 1);
    return tf.mul(tf.tensor4d(levels, [w.shape[0], 1, 1, 1]), tf.ones<tf.Rank.R4>([w.shape[0], SIDE, SIDE, 3]));
  },
} as unknown as Generator;
const parameters = { use: <T>(compute: () => T) => compute() };
const generator = { reference: 'generator', module, parameters } as unknown as TrainedGenerator;

test('a grid is as square as it can be, row by row, and named by the iterations', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'grid-'));
  const journal = Journal.open(join(folder, 'journal.jsonl'));
  const average = undefined as unknown as Tensor1D;
  const grid = new SampleGrid({ every: 3, count: 5 }, generator, average, { name: 'prior', folder });
  expect([grid.every, grid.ranking]).toEqual([3, undefined]);
  await grid.begin(journal);
  await grid.run(12, journal);
  const records = await readWholeJournal(join(folder, 'journal.jsonl'));
  const files = ['samples/0000000.png', 'samples/0000012.png'];
  expect(records.flatMap((r) => (r.event === 'image' ? [[r.key, r.step, r.file]] : []))).toEqual([
    ['samples', 0, files[0]],
    ['samples', 12, files[1]],
  ]);
  const { data, info } = await sharp(join(folder, files[1]!)).raw().toBuffer({ resolveWithObject: true });
  const [gap, columns, rows] = [2, 3, 2];
  expect([info.width, info.height]).toEqual([columns * (SIDE + gap) - gap, rows * (SIDE + gap) - gap]);
  const cells = Array.from({ length: rows * columns }, (_, i) => {
    const [x, y] = [(i % columns) * (SIDE + gap), Math.floor(i / columns) * (SIDE + gap)];
    return data[info.channels * (y * info.width + x)];
  });
  expect(cells).toEqual([0, LEVEL, 2 * LEVEL, 3 * LEVEL, 4 * LEVEL, 255]); // the last one is empty
});
