import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import { Ema } from './ema.ts';
import type { Vector } from './optimizer.ts';

beforeAll(() => {
  loadEngine();
});

function vector(values: number[]): Vector {
  return tf.variable(tf.tensor1d(values));
}

function assign(target: Vector, values: number[]): void {
  tf.tidy(() => {
    target.assign(tf.tensor1d(values));
  });
}

describe('Ema', () => {
  test('starts as a copy that does not follow by itself', () => {
    const source = vector([1, 2]);
    const { average } = new Ema(source, 0.9);
    assign(source, [5, 6]);
    expect([...average.dataSync()]).toEqual([1, 2]);
    source.dispose();
    expect([...average.dataSync()]).toEqual([1, 2]);
    average.dispose();
  });

  test('is the weighted mean of all values so far', () => {
    const decay = 0.75;
    const source = vector([1]);
    const ema = new Ema(source, decay);
    let expected = 1;
    for (const value of [2, -3, 8, 0.5]) {
      assign(source, [value]);
      ema.update(source);
      expected = decay * expected + (1 - decay) * value;
      expect(ema.average.dataSync()[0]).toBeCloseTo(expected, 6);
    }
    source.dispose();
    ema.average.dispose();
  });

  test('an update may have a decay of its own', () => {
    const source = vector([1]);
    const ema = new Ema(source, 0.75);
    assign(source, [3]);
    tf.tidy(() => ema.update(source, tf.scalar(0.25)));
    expect(ema.average.dataSync()[0]).toBeCloseTo(0.25 + 0.75 * 3, 6);
    source.dispose();
    ema.average.dispose();
  });

  test('an update leaves no tensors behind', () => {
    const source = vector([1, 2, 3]);
    const ema = new Ema(source, 0.999);
    ema.update(source);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 5; i++) ema.update(source);
    expect(tf.memory().numTensors).toBe(before);
    source.dispose();
    ema.average.dispose();
    expect(tf.memory().numTensors).toBe(before - 2);
  });
});
