import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { inceptionV3Fid } from './architectures/inception-v3-fid.ts';
import { InceptionV3FidFeatures } from './inception-v3-fid.ts';

beforeAll(() => void loadEngine());

test('images are resized to 299x299 with half-pixel centres, then scaled to [-1, 1]', () => {
  const image = tf.tensor4d([0, 0, 0, 1, 1, 1], [1, 1, 2, 3]);
  const [resized, scaled] = inceptionV3Fid().taps(image, ['resized', 'scaled']);
  expect([resized!.shape, scaled!.shape]).toEqual([
    [1, 299, 299, 3],
    [1, 299, 299, 3],
  ]);
  // torch.nn.functional.interpolate, align_corners=False: output pixel i lies at (i + 1/2) 2/299 - 1/2
  const row = Array.from({ length: 299 }, (_, i) => Math.min(Math.max(((i + 0.5) * 2) / 299 - 0.5, 0), 1));
  const red = (x: Tensor4D) => tf.slice4d(x, [0, 150, 0, 0], [1, 1, 299, 1]).dataSync();
  const errors = [...red(resized!)].map((value, i) => Math.abs(value - row[i]!));
  expect(Math.max(...errors)).toBeLessThan(1e-5);
  const scaledErrors = [...red(scaled!)].map((value, i) => Math.abs(value - (2 * row[i]! - 1)));
  expect(Math.max(...scaledErrors)).toBeLessThan(1e-5);
});

test('pool3 is the mean over the plane, which stays', () => {
  const image = tf.tensor4d([1, 10, 3, 20, 5, 30, 7, 60], [1, 2, 2, 2]);
  const [pool3] = inceptionV3Fid().tapsAfter('Mixed_7c', image, ['pool3']);
  expect(pool3!.arraySync()).toEqual([[[[4, 30]]]]);
});

test('sets are compared by pool3 and pool2, of weights that are named by their hash', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'inception-')), 'mine.pth');
  writeFileSync(file, 'weights');
  const { sets } = new InceptionV3FidFeatures({ weights: file });
  const hash = createHash('sha256').update('weights').digest('hex');
  expect(sets!.network).toBe(
    `pytorch-fid's InceptionV3 (weights mine.pth, SHA-256 ${hash.slice(0, 8)}..., not the official file)`,
  );
  expect(sets!.layers).toEqual([
    { name: 'pool3', channels: 2048 },
    { name: 'pool2', channels: 192 },
  ]);
});
