import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine, Parameters } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { distsDistances, DistsWeights } from './dists-distance.ts';
import { l2Pool } from './l2-pool.ts';

beforeAll(() => void loadEngine());

/** The channels of the image and of VGG-16 at the end of its blocks. */
const CHANNELS = 1475;

test('the distance of features is one minus the weighted mean of their texture and structure', () => {
  const weight = (value: number) => ({ shape: [1, CHANNELS, 1, 1], values: new Float32Array(CHANNELS).fill(value) });
  const state = new Map([
    ['alpha', weight(0.3)],
    ['beta', weight(0.1)],
  ]);
  const module = new DistsWeights();
  const parameters = new Parameters(module, state);
  const plane = (a: number, b: number): Tensor4D =>
    tf.tile(tf.tensor4d([a, b], [1, 1, 2, 1]), [1, 1, 1, CHANNELS]) as Tensor4D;
  const distance = (x: Tensor4D, y: Tensor4D) =>
    parameters.use(() => tf.tidy(() => distsDistances([x], [y], module).dataSync()[0]));
  const x = plane(1, 3); // mean 2, variance 1
  expect(distance(x, x)).toBeCloseTo(0, 5);
  expect(distance(x, plane(2, 2))).toBeCloseTo(1 - 0.75, 5); // equal means, no covariance
  // means 2 and 6: l = 24 / 40; covariance 3, variances 1 and 9: s = 6 / 10
  expect(distance(x, plane(3, 9))).toBeCloseTo(1 - 0.6, 5);
  // means 2 and 6 and covariance -1, variances 1 and 1: s = -1
  expect(distance(x, plane(7, 5))).toBeCloseTo(1 - (0.75 * 0.6 - 0.25), 5);
  parameters.dispose();
});

test('its pooling is the root of the mean of squares under a Hann window, at every second pixel, zeros outside', () => {
  const x: Tensor4D = tf.tile(tf.tensor4d([2, 4], [1, 1, 1, 2]), [1, 4, 4, 1]);
  const pooled = l2Pool('pool').run(x);
  // of the window (1/4, 1/2, 1/4) three quarters lie inside at the first pixel, all at the third
  const corner = Math.sqrt(0.75 * 0.75);
  const edge = Math.sqrt(0.75);
  expect(pooled.shape).toEqual([1, 2, 2, 2]);
  const expected = [corner, edge, edge, 1].flatMap((share) => [2 * share, 4 * share]);
  [...pooled.dataSync()].forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
});
