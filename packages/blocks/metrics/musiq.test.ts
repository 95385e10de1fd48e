import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine, writeSafetensors } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Image } from '../images/image.ts';
import { MusiqMetric } from './musiq.ts';
import { Musiq, OFFICIAL } from './musiq/network.ts';
import { patchesOf } from './musiq/patches.ts';

beforeAll(() => {
  loadEngine();
});

const plain = (width: number, height: number, level: number): Image => ({
  width,
  height,
  data: new Uint8Array(3 * width * height).fill(level),
});

describe('patches', () => {
  test('cover 224 and 384 pixels of the longer side, and the image itself, each with its place in a grid of 10', () => {
    const { count, cells, scales, values } = patchesOf(plain(64, 33, 255));
    // 224x116 (115.5 to the even number), 384x198, 64x33
    const [small, large, own] = [7 * 4, 12 * 7, 2 * 2];
    expect(count).toBe(small + large + own);
    expect([...scales].filter((scale) => scale === 1)).toHaveLength(large);
    expect([...cells.slice(0, 7)]).toEqual([0, 1, 2, 4, 5, 7, 8]);
    expect([...cells.slice(-own)]).toEqual([0, 5, 50, 55]);
    expect(values).toHaveLength(count * 32 * 32 * 3);
  });

  test('are of a thin image one row, and of a small one what there is', () => {
    const { count, scales, cells } = patchesOf(plain(640, 1, 255)); // 224 x 0.35 and 384 x 0.6 pixels are one row
    expect([count, [0, 1, 2].map((scale) => [...scales].filter((each) => each === scale).length)]).toEqual([
      7 + 12 + 20,
      [7, 12, 20],
    ]);
    expect(Math.max(...cells)).toBe(9);
  });

  test('are cut where they lie, each pixel in its place', () => {
    const [width, height] = [40, 33];
    const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => (7 * i) % 256);
    const { count, values } = patchesOf({ width, height, data });
    const own = values.subarray((count - 4) * 32 * 32 * 3); // 64x64 around it: 12 columns left and right, 15 rows above, 16 below
    for (let y = 0; y < 64; y++) {
      for (let x = 0; x < 64; x++) {
        const patch = 2 * Math.floor(y / 32) + Math.floor(x / 32);
        const at = 3 * ((patch * 32 + (y % 32)) * 32 + (x % 32));
        const [column, row] = [x - 12, y - 15];
        const isInside = column >= 0 && column < width && row >= 0 && row < height;
        const expected = (c: number) =>
          isInside ? Math.fround((data[3 * (row * width + column) + c]! / 255 - 0.5) * 2) : 0;
        expect([...own.subarray(at, at + 3)]).toEqual([0, 1, 2].map(expected));
      }
    }
  });

  test('hold levels of -1 to 1, and zeros beyond the border, which has one row more below than above', () => {
    const { count, values } = patchesOf(plain(32, 29, 255));
    const last = values.subarray((count - 1) * 32 * 32 * 3);
    const rows = Array.from({ length: 32 }, (_, y) => last[y * 32 * 3]);
    expect(rows).toEqual([0, ...Array<number>(29).fill(1), 0, 0]);
  });
});

test('its columns are named after the scores, and weights of something else are an error', async () => {
  const weights = join(mkdtempSync(join(tmpdir(), 'musiq-')), 'other.safetensors');
  writeSafetensors(weights, new Map([['x', { shape: [1], values: new Float32Array(1) }]]));
  const columns = (scores: 'koniq10k' | 'ava') => new MusiqMetric({ scores, weights }).columns.map(({ name }) => name);
  expect([columns('koniq10k'), columns('ava')]).toEqual([['musiq'], ['musiq_ava']]);
  expect(MusiqMetric.possibleColumns).toEqual(['musiq', 'musiq_spaq', 'musiq_paq2piq', 'musiq_ava']);
  await expect(new MusiqMetric({ scores: 'ava', weights }).prepare()).rejects.toThrow(
    /holds no weights of MUSIQ for the scores of ava:\n {2}conv_root.weight: missing/,
  );
});

test('of scores that are equally likely it is their mean: 1 to 10 have 5.5', async () => {
  const weights = join(mkdtempSync(join(tmpdir(), 'musiq-')), 'ava.safetensors');
  const zeros = [...new Musiq({ ...OFFICIAL, classes: 10 }).parameters()].map(
    ([name, { shape, size }]) => [name, { shape, values: new Float32Array(size) }] as const,
  );
  writeSafetensors(weights, new Map(zeros));
  const metric = new MusiqMetric({ scores: 'ava', weights });
  await metric.prepare();
  const before = tf.memory().numTensors;
  expect(metric.rate(plain(32, 32, 100))).toEqual([expect.closeTo(5.5, 5)]);
  expect(tf.memory().numTensors).toBe(before);
  metric.dispose();
  expect(tf.memory().numTensors).toBeLessThan(before);
}, 60_000);

test('the published network is that of the paper: 14 layers of 384 channels with 6 heads, 27.1 million parameters', () => {
  expect(OFFICIAL).toEqual({ width: 384, hidden: 1152, heads: 6, layers: 14 });
  const count = (classes: number) =>
    [...new Musiq({ ...OFFICIAL, classes }).parameters().values()].reduce((sum, { size }) => sum + size, 0);
  const [root, block] = [3 * 64 * 49 + 2 * 64, 64 * 64 + 9 * 64 * 64 + 2 * 64 * 256 + 4 * 64 + 4 * 256];
  const [embedding, attention, mlp] = [256 * 8 * 8 * 384 + 384, 4 * (384 * 384 + 384), 2 * 384 * 1152 + 1152 + 384];
  const tokens = (100 + 3 + 1) * 384; // places, scales, and the one that is no patch
  const rest = root + block + embedding + tokens + 14 * (attention + mlp + 4 * 384) + 2 * 384;
  expect([count(1), count(10)]).toEqual([rest + 385, rest + 3850]);
  expect(Math.round(count(1) / 1e5)).toBe(271);
});
