import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import {
  ADVERSARIAL_LOSSES,
  discriminatorLoss,
  hinge,
  leastSquares,
  logistic,
  wasserstein,
} from './adversarial-loss.ts';

beforeAll(() => {
  loadEngine();
});

type Side = (logits: Tensor) => Scalar;

function evaluate(side: Side, logits: number[]): number {
  return tf.tidy(() => side(tf.tensor1d(logits)).dataSync()[0]!);
}

/** ln(1 + e^x) in float64 without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

const FORMULAS: [string, Side, (x: number) => number][] = [
  ['hinge, real', hinge.real, (x) => Math.max(0, 1 - x)],
  ['hinge, fake', hinge.fake, (x) => Math.max(0, 1 + x)],
  ['hinge, generator', hinge.generator, (x) => -x],
  ['least squares, real', leastSquares.real, (x) => (x - 1) ** 2],
  ['least squares, fake', leastSquares.fake, (x) => x ** 2],
  ['least squares, generator', leastSquares.generator, (x) => (x - 1) ** 2],
  ['Wasserstein, real', wasserstein.real, (x) => -x],
  ['Wasserstein, fake', wasserstein.fake, (x) => x],
  ['Wasserstein, generator', wasserstein.generator, (x) => -x],
  ['logistic, real', logistic.real, (x) => softplus(-x)],
  ['logistic, fake', logistic.fake, (x) => softplus(x)],
  ['logistic, generator', logistic.generator, (x) => softplus(-x)],
];

describe('adversarial losses', () => {
  test.each(FORMULAS)('%s', (_, side, formula) => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 8 }), (logits) => {
        const expected = logits.reduce((sum, x) => sum + formula(x), 0) / logits.length;
        expect(Math.abs(evaluate(side, logits) - expected)).toBeLessThan(1e-5 * (1 + Math.abs(expected)));
      }),
      { numRuns: 30 },
    );
  });

  test('the logistic loss neither overflows nor loses its gradient', () => {
    const big = [-1000, -100, 100, 1000];
    expect(evaluate(logistic.fake, big)).toBeCloseTo(275, 3);
    const slopes = tf.tidy(() => [
      ...tf
        .grad((x: Tensor) => logistic.fake(x))(tf.tensor1d(big))
        .dataSync(),
    ]);
    expect(slopes).toEqual([0, 0, 0.25, 0.25]);
  });

  test('the discriminator is paid for both kinds of image', () => {
    const total = tf.tidy(() => discriminatorLoss(hinge, tf.tensor1d([0]), tf.tensor1d([0.5])).dataSync()[0]);
    expect(total).toBeCloseTo(2.5, 6);
  });

  test('go by the names of BasicSR', () => {
    expect(Object.keys(ADVERSARIAL_LOSSES).sort()).toEqual(['hinge', 'lsgan', 'vanilla', 'wgan', 'wgan_softplus']);
  });
});
