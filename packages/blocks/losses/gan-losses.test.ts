import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { GanHingeDiscriminatorLoss } from './gan-hinge-discriminator.ts';
import { GanLeastSquaresDiscriminatorLoss } from './gan-least-squares-discriminator.ts';
import { GanLeastSquaresLoss } from './gan-least-squares.ts';
import { GanLogisticLoss } from './gan-logistic.ts';
import { GanNonsaturatingLoss } from './gan-nonsaturating.ts';
import { GanWassersteinDiscriminatorLoss } from './gan-wasserstein-discriminator.ts';
import { GanWassersteinLoss } from './gan-wasserstein.ts';
import { L1Loss } from './l1.ts';
import { MseLoss } from './mse.ts';
import { WeightedSumLoss } from './weighted-sum.ts';

let prediction: Tensor4D;
let target: Tensor4D;

beforeAll(() => {
  loadEngine();
  prediction = tf.fill([1, 2, 2, 3], 0.5);
  target = tf.fill([1, 2, 2, 3], 0.75);
});

const softplus = (x: number) => Math.log1p(Math.exp(x));
const read = (scalar: tf.Scalar) => scalar.dataSync()[0]!;

test('gan-nonsaturating is the mean softplus of the negative logits', () => {
  const loss = new GanNonsaturatingLoss({ weight: 0.3 });
  const value = read(loss.compute(prediction, target, { logits: tf.tensor2d([[1], [-2]]) }));
  expect(value).toBeCloseTo((0.3 * (softplus(-1) + softplus(2))) / 2, 6);
});

test('gan-logistic is low where real logits are high and generated ones low', () => {
  const loss = new GanLogisticLoss({ weight: 2 });
  const context = { logits: tf.tensor2d([[1], [-2]]), targetLogits: tf.tensor2d([[3], [0]]) };
  const expected = (softplus(-3) + softplus(0)) / 2 + (softplus(1) + softplus(-2)) / 2;
  expect(read(loss.compute(prediction, target, context))).toBeCloseTo(2 * expected, 5);
});

describe('other GANs, of logits 1 and -2 of images and 3 and 0.5 of real ones', () => {
  const context = () => ({ logits: tf.tensor2d([[1], [-2]]), targetLogits: tf.tensor2d([[3], [0.5]]) });
  test.each([
    // Lim and Ye (2017): max(0, 1 - D(real)) + max(0, 1 + D(fake)); -D(fake).
    ['hinge, D', new GanHingeDiscriminatorLoss({ weight: 2 }), 2 * ((0 + 0.5) / 2 + (2 + 0) / 2)],
    ['hinge and Wasserstein, G', new GanWassersteinLoss({ weight: 2 }), 2 * ((-1 + 2) / 2)],
    // Arjovsky et al. (2017): -D(real) + D(fake).
    ['Wasserstein, D', new GanWassersteinDiscriminatorLoss({ weight: 2 }), 2 * (-(3 + 0.5) / 2 + (1 - 2) / 2)],
    // Mao et al. (2017), without its factor 1/2, as BasicSR's GANLoss: (D(real) - 1)^2 + D(fake)^2; (D(fake) - 1)^2.
    ['least squares, D', new GanLeastSquaresDiscriminatorLoss({ weight: 2 }), 2 * ((4 + 0.25) / 2 + (1 + 4) / 2)],
    ['least squares, G', new GanLeastSquaresLoss({ weight: 2 }), 2 * ((0 + 9) / 2)],
  ])('%s', (_, loss, expected) => {
    expect(read(loss.compute(prediction, target, context()))).toBeCloseTo(expected, 5);
  });
});

describe('weighted-sum', () => {
  const terms = [new L1Loss({ weight: 8 }), new MseLoss({ weight: 8 }), new GanNonsaturatingLoss({ weight: 0.6 })];
  const context = () => ({ logits: tf.scalar(0) });

  test('is the sum of its terms with their weights, each of them by its name', () => {
    const loss = new WeightedSumLoss({ terms });
    const parts = [...loss.terms(prediction, target, context())].map(([name, value]) => [name, read(value)]);
    expect(parts).toEqual([
      ['l1', expect.closeTo(8 * 0.25, 5)],
      ['mse', expect.closeTo(8 * 0.0625, 5)],
      ['gan_nonsaturating', expect.closeTo(0.6 * Math.LN2, 5)],
    ]);
    expect(read(loss.compute(prediction, target, context()))).toBeCloseTo(2 + 0.5 + 0.6 * Math.LN2, 5);
  });

  test('needs what its terms need', () => {
    expect(new WeightedSumLoss({ terms }).needs).toEqual(['logits']);
    expect(new WeightedSumLoss({ terms: terms.slice(0, 2) }).needs).toEqual([]);
  });

  test('prepares and frees its terms', async () => {
    const calls: string[] = [];
    const weighty = Object.assign(new L1Loss({ weight: 1 }), {
      prepare: async () => void calls.push('prepare'),
      dispose: () => void calls.push('dispose'),
    });
    const loss = new WeightedSumLoss({ terms: [weighty] });
    await loss.prepare();
    loss.dispose();
    expect(calls).toEqual(['prepare', 'dispose']);
  });

  test('the keys of a map name its terms', () => {
    const loss = new WeightedSumLoss({ terms: { near: new L1Loss({ weight: 1 }), far: new L1Loss({ weight: 2 }) } });
    const parts = [...loss.terms(prediction, target)].map(([name, value]) => [name, read(value)]);
    expect(parts).toEqual([
      ['near', expect.closeTo(0.25, 6)],
      ['far', expect.closeTo(0.5, 6)],
    ]);
  });

  test('two terms of one type in a list are an error', () => {
    const twice = [new L1Loss({ weight: 1 }), new L1Loss({ weight: 2 })];
    expect(() => new WeightedSumLoss({ terms: twice })).toThrow(/two terms are named "l1"; name all terms/);
  });
});
