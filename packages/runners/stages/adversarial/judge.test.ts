import { expect, test } from '@jest/globals';
import { GanLogisticLoss, type DiffAugmentOptions, type Discriminator } from '@dualprior/blocks';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { TrainedNetwork } from '../../networks/trained-network.ts';
import { Judge } from './judge.ts';

loadEngine();

const AUGMENT: DiffAugmentOptions = { color: true, translation: 0.125, cutout: 0.5 };
const images = () => tf.fill<tf.Rank.R4>([2, 8, 8, 3], 0.75);

/** A discriminator that keeps what it sees. */
function judging(gamma: number, diffAugment?: DiffAugmentOptions) {
  const seen: string[] = [];
  const module = {
    score: (x: Tensor4D) => {
      seen.push(x.dataSync().join());
      return tf.sum(x, [1, 2, 3]);
    },
  } as unknown as Discriminator;
  const options = { discriminatorLoss: new GanLogisticLoss({ weight: 1 }), r1: { gamma, every: 5 } };
  const network = { reference: 'd', module } as TrainedNetwork<Discriminator>;
  return { seen, judge: new Judge(network, { ...options, ...(diffAugment && { diffAugment }) }) };
}

test('sees images in [-1, 1], each time augmented in another way', () => {
  const seed: Tensor1D = tf.tensor1d([3, 4], 'int32');
  const look = (augment?: DiffAugmentOptions) => {
    const { judge, seen } = judging(10, augment);
    judge.logits(images(), seed);
    judge.loss(images(), { sharp: images(), seed });
    judge.r1({ sharp: images(), seed });
    return seen;
  };
  expect(new Set(look())).toEqual(new Set([new Array(2 * 8 * 8 * 3).fill(0.5).join()]));
  const augmented = look(AUGMENT);
  expect([augmented.length, new Set(augmented).size]).toEqual([4, 4]);
  expect(look(AUGMENT)).toEqual(augmented);
});

test('an augmentation without a seed is an error', () => {
  expect(() => judging(10, AUGMENT).judge.logits(images(), undefined)).toThrow('has no seed');
});

test('its phases are its loss, and R1 now and then unless it weighs nothing', () => {
  const given = () => ({});
  const phases = (gamma: number, more: object = {}) =>
    judging(gamma)
      .judge.phases(({ restored }: { restored: Tensor4D; sharp: Tensor4D }) => restored, more)
      .map(({ loss: _, ...phase }) => phase);
  const telling = { name: 'the discriminator', trains: ['discriminator'], curve: 'loss_d' };
  const r1 = { name: 'R1', trains: ['discriminator'], every: 5, joins: false };
  expect(phases(0)).toEqual([telling]);
  expect(phases(10)).toEqual([telling, r1]);
  expect(phases(10, { given, oneStep: true })).toEqual([
    { ...telling, given },
    { ...r1, joins: true },
  ]);
});
