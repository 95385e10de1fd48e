import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { CharbonnierLoss } from './charbonnier.ts';
import { L1Loss } from './l1.ts';
import type { Loss } from './loss.ts';
import { MseLoss } from './mse.ts';
import { PsnrLoss } from './psnr.ts';
import { TotalVariationLoss } from './total-variation.ts';

beforeAll(() => {
  loadEngine();
});

type Make = (weight: number) => Loss;

const LOSSES: [string, Make][] = [
  ['l1', (weight) => new L1Loss({ weight })],
  ['mse', (weight) => new MseLoss({ weight })],
  ['charbonnier', (weight) => new CharbonnierLoss({ weight, epsilon: 1e-6 })],
  ['psnr', (weight) => new PsnrLoss({ weight, toY: false })],
  ['psnr of Y', (weight) => new PsnrLoss({ weight, toY: true })],
  ['total variation', (weight) => new TotalVariationLoss({ weight })],
];

const SHAPE: Tensor4D['shape'] = [2, 3, 4, 3];
const SIZE = 72;
const images = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: SIZE, maxLength: SIZE });

function image(values: number[]): Tensor4D {
  return tf.tensor4d(values, SHAPE);
}

function evaluate(loss: Loss, prediction: number[], target: number[]): number {
  return tf.tidy(() => loss.compute(image(prediction), image(target)).dataSync()[0]!);
}

function gradient(loss: Loss, prediction: number[], target: number[]): Float32Array {
  return tf.tidy(() => {
    const y = image(target);
    const slope = tf.grad((x: Tensor) => loss.compute(x as Tensor4D, y))(image(prediction));
    return slope.dataSync<'float32'>();
  });
}

/** The same in float64, by the definitions. */
const REFERENCE: Record<string, (prediction: number[], target: number[]) => number> = {
  l1: (p, t) => mean(p.map((x, i) => Math.abs(x - t[i]!))),
  mse: (p, t) => mean(p.map((x, i) => (x - t[i]!) ** 2)),
  charbonnier: (p, t) => mean(p.map((x, i) => Math.sqrt((x - t[i]!) ** 2 + 1e-6))),
  psnr: (p, t) =>
    mean([0, 1].map((n) => 10 * Math.log10(mean(part(p, n).map((x, i) => (x - part(t, n)[i]!) ** 2)) + 1e-8))),
  'psnr of Y': (p, t) =>
    mean(
      [0, 1].map(
        (n) => 10 * Math.log10(mean(luma(part(p, n)).map((y, i) => (y - luma(part(t, n))[i]!) ** 2)) / 255 ** 2 + 1e-8),
      ),
    ),
};

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function part(values: number[], n: number): number[] {
  return values.slice((n * SIZE) / 2, ((n + 1) * SIZE) / 2);
}

function luma(values: number[]): number[] {
  return Array.from({ length: values.length / 3 }, (_, i) => {
    const [r, g, b] = values.slice(3 * i, 3 * i + 3) as [number, number, number];
    return 16 + 65.481 * r + 128.553 * g + 24.966 * b;
  });
}

test.each(LOSSES.filter(([name]) => name in REFERENCE))('%s is its formula', (name, make) => {
  fc.assert(
    fc.property(images, images, (prediction, target) => {
      const expected = REFERENCE[name]!(prediction, target);
      expect(Math.abs(evaluate(make(1), prediction, target) - expected)).toBeLessThan(1e-5 * (1 + Math.abs(expected)));
    }),
    { numRuns: 20 },
  );
});

describe.each(LOSSES)('%s', (_, make) => {
  test('the weight is a factor of value and gradient', () => {
    const prediction = Array.from({ length: SIZE }, (_, i) => ((i * 37) % 72) / 72);
    const target = Array.from({ length: SIZE }, (_, i) => ((i * 53) % 72) / 72);
    expect(evaluate(make(0.25), prediction, target)).toBeCloseTo(0.25 * evaluate(make(1), prediction, target), 5);
    const whole = gradient(make(1), prediction, target);
    expect(whole.some((value) => value !== 0)).toBe(true);
    gradient(make(0.25), prediction, target).forEach((value, i) => {
      expect(value).toBeCloseTo(0.25 * whole[i]!, 6);
    });
  });

  test('has a finite gradient, zero, where both images are equal and flat', () => {
    const flat = new Array<number>(SIZE).fill(0.5);
    expect([...gradient(make(1), flat, flat)].map(Math.abs)).toEqual(new Array<number>(SIZE).fill(0));
  });

  test('leaves no tensors behind', () => {
    const flat = new Array<number>(SIZE).fill(0.5);
    const before = tf.memory().numTensors;
    gradient(make(1), flat, flat);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('the PSNR loss of equal images is -80 dB', () => {
  const flat = new Array<number>(SIZE).fill(0.5);
  expect(evaluate(new PsnrLoss({ weight: 1, toY: false }), flat, flat)).toBeCloseTo(-80, 4);
});

test('total variation is the mean step down plus the mean step to the right', () => {
  const ramp = Array.from({ length: SIZE }, (_, i) => 0.1 * Math.floor((i % 36) / 12) + 0.02 * (Math.floor(i / 3) % 4));
  expect(evaluate(new TotalVariationLoss({ weight: 1 }), ramp, ramp)).toBeCloseTo(0.12, 6);
});
