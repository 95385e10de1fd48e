import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import { Ema, emaWarnings } from './ema.ts';
import type { Vector } from '../optimizer.ts';

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

describe('an average that is too long for the training', () => {
  test('is warned of by what it still holds of the initial weights, with a decay that is short enough', () => {
    // 0.999^120 = 0.8869, 0.01^(1/120) = 0.9623, (1/e)^(1/120) = 0.9917
    expect(emaWarnings(0.999, 120, true)).toEqual([
      'after 120 updates the average of the weights will still hold 89 % of the first ones, which are random: a decay of 0.9623 would leave 1.0 %',
    ]);
    expect(emaWarnings(0.999, 120, false)).toEqual([
      'after 120 updates the average of the weights will still hold 89 % of the first ones: a decay of 0.9917 would leave 37 %',
    ]);
  });

  test.each([
    [0.9623, 120, true, false],
    [0.9624, 120, true, true],
    [0.9917, 120, false, false],
    [0.9917, 120, true, true],
    [0.999, 5000, true, false],
    [0, 1, true, false],
  ])('decay %d over %d updates, random at first: %s', (decay, updates, fresh, warned) => {
    expect(emaWarnings(decay, updates, fresh)).toHaveLength(Number(warned));
  });
});
