import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine, Parameters, Random, writeSafetensors, type StateDict } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import { vgg } from '../features/architectures/vgg.ts';
import { DistsWeights } from '../features/dists/dists-distance.ts';
import { l2Pool } from '../features/dists/l2-pool.ts';
import type { Image } from '../images/image.ts';
import { DistsMetric } from './dists.ts';

const folder = mkdtempSync(join(tmpdir(), 'dists-'));

beforeAll(() => {
  loadEngine();
});

function file(name: string, state: StateDict): string {
  const path = join(folder, `${name}.safetensors`);
  writeSafetensors(path, state);
  return path;
}

/** VGG-16 with numbers that are made in little time, of the size that initial weights have. */
function trunkState(): StateDict {
  const parameters = [...vgg('vgg16', l2Pool).parameters()];
  return new Map(
    parameters.map(([name, { shape, size }]) => {
      const scale = Math.sqrt((6 * shape[0]!) / size);
      const values = new Float32Array(size);
      for (let i = 0; i < size; i++) values[i] = scale * (((i * 7919) % 1013) / 506 - 1);
      return [name, { shape, values }];
    }),
  );
}

function weightsState(): StateDict {
  const parameters = new Parameters(new DistsWeights(), new Random(1));
  const state = parameters.stateDict();
  parameters.dispose();
  return state;
}

function picture(width: number, height: number, phase = 0): Image {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => 128 + 120 * Math.sin(0.3 * i + phase));
  return { width, height, data };
}

test('pools by the root of the mean of squares under [1 2 1] / 4, zeros around', () => {
  const x = tf.tensor4d([3, -1, 2, 4, 5, -2, 1, 0, 6], [1, 3, 3, 1]);
  const pooled = l2Pool('pool').run(x);
  const corners = [
    4 * 9 + 2 * (1 + 16) + 25, // of 3: itself, right, below, across
    4 * 4 + 2 * (1 + 4) + 25,
    4 * 1 + 2 * (16 + 0) + 25,
    4 * 36 + 2 * (4 + 0) + 25,
  ];
  expect(pooled.shape).toEqual([1, 2, 2, 1]);
  expect([...pooled.dataSync()]).toEqual(corners.map((sum) => expect.closeTo(Math.sqrt(sum / 16), 5) as unknown));
});

test('is 0 for one image, more for others, of any size; files of something else are errors', async () => {
  const before = tf.memory().numTensors;
  const [trunk, weights] = [file('trunk', trunkState()), file('weights', weightsState())];
  const metric = new DistsMetric({ trunk, weights });
  await metric.prepare();
  expect(metric.measure(picture(19, 16), picture(19, 16))).toEqual([expect.closeTo(0, 5)]);
  expect(metric.measure(picture(16, 17), picture(16, 17, 2))[0]).toBeGreaterThan(1e-3);
  expect(() => metric.measure(picture(16, 17), picture(17, 16))).toThrow(/16x17 cannot be compared .* 17x16/);
  metric.dispose();
  expect(tf.memory().numTensors).toBe(before);
  await expect(new DistsMetric({ trunk, weights: trunk }).prepare()).rejects.toThrow(
    /holds no weights of DISTS's alpha and beta \(option `weights`\):\n {2}alpha: missing/,
  );
  await expect(new DistsMetric({ trunk: weights, weights }).prepare()).rejects.toThrow(
    /DISTS's VGG-16 \(option `trunk`\)/,
  );
});
