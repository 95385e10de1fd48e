import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { directSampler } from '@dualprior/blocks';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import type { Console } from '../console/console.ts';
import type { EvaluationOptions } from './evaluate.ts';
import { greys, SHARP } from './testing/greys.ts';
import { writeViews } from './views.ts';

const SIDE = 4;
const DARKER = [20, 40, 60];

let folder: string;
/** Images of each batch. */
let batches: number[];

beforeAll(() => void loadEngine());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'views-'));
  batches = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const views = {
  names: ['same', 'half'],
  make: (x: Tensor4D) => {
    batches.push(x.shape[0]);
    return [x, tf.mul<Tensor4D>(x, 0.5)];
  },
};

const place = (name: string) => join(folder, 'views', name);
const file = (name: string, i: number) => join(place(name), 'images', `000${i}.png`);

function write(identity: string, images: number, make = views.make): Promise<void> {
  const options: EvaluationOptions = {
    ...{ data: greys(DARKER, SIDE), metrics: [], sharp: new Map(), batch: 2, images, compile: false },
    ...{ sampler: directSampler, console: {} as Console, signal: new AbortController().signal },
  };
  return writeViews('Ours', { ...views, make }, identity, folder, place, options);
}

const grey = async (name: string, i: number) => {
  const { data, info } = await sharp(file(name, i)).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, new Set(data).size]).toEqual([SIDE, SIDE, 1]);
  return data[0];
};

test('each view of each image has its file', async () => {
  await write('a', 10);
  expect(batches).toEqual([2, 1]);
  for (const [i, darker] of DARKER.entries()) {
    expect(await grey('same', i)).toBe(SHARP - darker);
    expect(await grey('half', i)).toBe(Math.round((SHARP - darker) / 2));
  }
});

test('only of the first images, as many as are asked for', async () => {
  await write('a', 1);
  expect(['same', 'half'].map((name) => [existsSync(file(name, 0)), existsSync(file(name, 1))])).toEqual([
    [true, false],
    [true, false],
  ]);
  expect(batches).toEqual([1]);
});

test('what is there is not made again; with another identity, more images or a missing file it is', async () => {
  await write('a', 2);
  await write('a', 2);
  expect(batches).toEqual([2]);
  await write('b', 2);
  expect(batches).toEqual([2, 2]);
  await write('b', 3);
  expect(batches).toEqual([2, 2, 2, 1]);
  rmSync(file('half', 2));
  await write('b', 3);
  expect(batches).toEqual([2, 2, 2, 1, 2, 1]);
  writeFileSync(file('same', 0), '');
  await write('b', 3);
  expect(statSync(file('same', 0)).size).toBeGreaterThan(0);
});

test('an image that is not finite is named, with its method, and the views count as not made', async () => {
  const broken = (x: Tensor4D) => [x, tf.mul<Tensor4D>(x, NaN)];
  await expect(write('a', 2, broken)).rejects.toThrow(/The method "Ours".*grey-0\.png/s);
  await write('a', 2);
  expect(batches).toEqual([2]);
});
