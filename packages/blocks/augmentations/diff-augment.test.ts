import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine, type Engine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { diffAugment, type DiffAugmentOptions } from './diff-augment.ts';

const NOTHING: DiffAugmentOptions = { color: false, translation: 0, cutout: 0 };
const ALL: DiffAugmentOptions = { color: true, translation: 0.125, cutout: 0.5 };

let engine: Engine;
let images: Tensor4D;
const seed = (n: number): Tensor1D => tf.tensor1d([7, n], 'int32');

beforeAll(() => {
  engine = loadEngine();
  images = tf.randomUniform([4, 16, 16, 3], -1, 1, 'float32', 1);
});

const augmented = (x: Tensor4D, n: number, options: Partial<DiffAugmentOptions>) => [
  ...tf.tidy(() => diffAugment(x, seed(n), { ...NOTHING, ...options }).dataSync()),
];

test('the same seed gives the same images, another seed others, each image its own', () => {
  const same = tf.tile(tf.slice(images, 0, 1), [2, 1, 1, 1]);
  for (const options of [{ color: true }, { translation: 0.25 }, { cutout: 0.5 }]) {
    const numbers = augmented(same, 1, options);
    expect(augmented(same, 1, options)).toEqual(numbers);
    const others = [2, 3, 4].map((n) => augmented(same, n, options));
    for (const other of others) expect(other).not.toEqual(numbers);
    expect(others.some((other) => other.slice(0, 768).join() !== other.slice(768).join())).toBe(true);
  }
  expect(augmented(same, 1, NOTHING)).toEqual([...same.dataSync()]);
});

test('compiled, it is what it is eagerly, with another seed at each run', () => {
  const step = engine.compile((x: Tensor4D, n: Tensor1D) => diffAugment(x, n, ALL));
  for (const n of [1, 2]) expect([...step.run(images, seed(n)).dataSync()]).toEqual(augmented(images, n, ALL));
  expect(step.traces).toBe(1);
});

describe('translation', () => {
  const shifts = (n: number): [number, number][] => {
    const dot = tf.tidy(() =>
      tf.pad(tf.ones<tf.Rank.R4>([1, 1, 1, 3]), [
        [0, 0],
        [8, 7],
        [8, 7],
        [0, 0],
      ]),
    );
    const all = augmented(tf.tile(dot, [8, 1, 1, 1]), n, { translation: 0.25 });
    return Array.from({ length: 8 }, (_, i) => {
      const image = all.slice(i * 768, (i + 1) * 768);
      expect(image.reduce((sum, value) => sum + value, 0)).toBe(3);
      const at = image.indexOf(1) / 3;
      return [Math.floor(at / 16) - 8, (at % 16) - 8];
    });
  };

  test('moves by whole pixels, up to the ratio in both directions', () => {
    const all = Array.from({ length: 12 }, (_, n) => shifts(n)).flat();
    for (const axis of [0, 1] as const) {
      const found = new Set(all.map((shift) => shift[axis]));
      expect([...found].sort((a, b) => a - b)).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4]);
    }
    expect(all.some(([down, across]) => down !== across)).toBe(true);
  });

  test('leaves grey where nothing moves in', () => {
    const moved = augmented(tf.ones([1, 16, 16, 3]), 5, { translation: 1 });
    expect(moved).toContain(0);
    expect(new Set(moved)).toEqual(new Set([0, 1]));
  });
});

test('cutout is a square of at most the ratio, whole where it is inside', () => {
  const counts = Array.from({ length: 40 }, (_, n) => {
    const image = augmented(tf.ones([1, 16, 16, 3]), n, { cutout: 0.5 });
    return image.filter((value) => value === 0).length / 3;
  });
  expect(Math.max(...counts)).toBe(64);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(16);
});

test('colour keeps a grey image grey, and the middle of contrast and saturation', () => {
  const grey = augmented(tf.fill([1, 16, 16, 3], 0.25), 3, { color: true });
  expect(Math.max(...grey) - Math.min(...grey)).toBeLessThan(1e-6);
  expect(Math.abs(grey[0]! - 0.25)).toBeLessThanOrEqual(0.5);
  expect(grey[0]).not.toBe(0.25);
});

test('it has derivatives of the second order: those of a linear function', () => {
  const penalty = (x: Tensor) => {
    const slope = tf.grad((y: Tensor) => tf.sum(tf.pow(diffAugment(y as Tensor4D, seed(1), ALL), 3)))(x);
    return tf.sum(tf.square(slope));
  };
  tf.tidy(() => {
    const direction = tf.randomNormal(images.shape, 0, 1, 'float32', 2);
    const slope = tf.sum(tf.mul(tf.grad(penalty)(images), direction)).dataSync()[0]!;
    const at = (t: number) => penalty(tf.add(images, tf.mul(direction, t))).dataSync()[0]!;
    const numeric = (at(1e-2) - at(-1e-2)) / 2e-2;
    expect(Math.abs(slope - numeric)).toBeLessThan(1e-2 * Math.abs(numeric));
    expect(slope).not.toBe(0);
  });
});
