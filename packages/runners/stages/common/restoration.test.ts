import { expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import { type Restorer, L1Loss, MseLoss, WeightedSumLoss } from '@dualprior/blocks';
import * as tf from '@tensorflow/tfjs-core';
import '../../index.ts';
import { restorationLoss } from './restoration.ts';

loadEngine();

/** Restores every image to 0.5 everywhere, with an auxiliary image of 0.9 at half the size. */
const module = {
  restore: () => ({ image: tf.fill([1, 4, 4, 3], 0.5), auxiliary: [tf.fill([1, 2, 2, 3], 0.9)] }),
} as unknown as Restorer;

const sharp = tf.fill<tf.Rank.R4>([1, 4, 4, 3], 0.2);

const number = (tensor: tf.Tensor) => tensor.dataSync()[0];

test('the loss is summed over all outputs of a network, each against a sharp image of its size', () => {
  const { loss } = restorationLoss(module, new L1Loss({ weight: 1 }), sharp, sharp);
  expect(number(loss)).toBeCloseTo(0.3 + 0.7, 6);
});

test('so is each term of a sum', () => {
  const terms = [new L1Loss({ weight: 1 }), new MseLoss({ weight: 10 })];
  const { loss, seen } = restorationLoss(module, new WeightedSumLoss({ terms }), sharp, sharp);
  const found = Object.fromEntries(Object.entries(seen).map(([name, value]) => [name, number(value)]));
  expect(found).toEqual({ loss_l1: expect.closeTo(1, 5), loss_mse: expect.closeTo(10 * (0.09 + 0.49), 5) });
  expect(number(loss)).toBeCloseTo(1 + 5.8, 5);
});
