import { beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { loadEngine } from '../engine/engine.ts';
import { valuesOf } from './values-of.ts';

beforeAll(() => void loadEngine());

test('more different values than a set can hold are read without delay, and leave no tensor', () => {
  const size = 2 ** 24 + 2;
  const bits = Uint32Array.from({ length: size + 1 }, (_, i) => i + 2 ** 23); // of normal numbers, all different
  const vector = tf.tensor1d(new Float32Array(bits.buffer));
  const before = tf.memory().numTensors;
  const { user } = process.cpuUsage();
  const values = valuesOf(vector, 1, size);
  expect((process.cpuUsage().user - user) / 1e6).toBeLessThan(1);
  expect(Buffer.compare(Buffer.from(values.buffer, values.byteOffset, 4 * size), Buffer.from(bits.buffer, 4))).toBe(0);
  expect(tf.memory().numTensors).toBe(before);
  vector.dispose();
});
