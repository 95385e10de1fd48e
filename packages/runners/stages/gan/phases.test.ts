import { describe, expect, test } from '@jest/globals';
import { loadEngine, Parameters, Random } from '@dualprior/core';
import {
  GanLogisticLoss,
  GanNonsaturatingLoss,
  type Discriminator,
  type Generator,
  type Network,
  StyleGan2Discriminator,
  StyleGan2Generator,
} from '@dualprior/blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { TrainedNetwork } from '../../networks/trained-network.ts';
import { Judge } from '../adversarial/judge.ts';
import { GanPhases, type GanPhaseOptions } from './phases.ts';

loadEngine();

const SIDE = 16;
const GAMMA = 10;
const EVERY = 4;

const trained = <T extends Network>(module: T): TrainedNetwork<T> => ({
  reference: 'network',
  module,
  parameters: new Parameters(module, new Random(1)),
});

const number = (tensor: Tensor) => tensor.dataSync()[0]!;

/** A discriminator whose logit is the sum of its images times 3: the slope is 3 of each number. */
const linear = {
  size: SIDE,
  group: 1,
  score: (images: Tensor4D) => tf.mul(3, tf.sum(images, [1, 2, 3])),
} as unknown as Discriminator;

describe('R1 counts half, and as often as it has no turn', () => {
  // gamma / 2 |slope|^2 (Mescheder et al. 2018, equation 9), times the interval (Karras et al. 2020, appendix B)
  const expected = (GAMMA / 2) * EVERY * (9 * SIDE * SIDE * 3);
  const images = tf.fill<tf.Rank.R4>([2, SIDE, SIDE, 3], 0.3);
  const judging = { reference: 'd', module: linear } as TrainedNetwork<Discriminator>;

  test('in the training of a GAN', () => {
    const options = { r1: { gamma: GAMMA, every: EVERY } } as GanPhaseOptions;
    const gan = new GanPhases({} as TrainedNetwork<Generator>, judging, options);
    const seed: Tensor1D = tf.tensor1d([1, 2], 'int32');
    expect(number(gan.r1(images, seed).loss)).toBeCloseTo(expected, 1);
  });

  test('in the training of a restorer', () => {
    const judge = new Judge(judging, {
      discriminatorLoss: new GanLogisticLoss({ weight: 1 }),
      r1: { gamma: GAMMA, every: EVERY },
    });
    expect(number(judge.r1({ sharp: images }).loss)).toBeCloseTo(expected, 1);
  });
});

test('path lengths count as often as they have no turn', () => {
  const sizes = { size: SIDE, channelMultiplier: 2, maxChannels: 4 } as const;
  const generator = trained(new StyleGan2Generator({ ...sizes, styleWidth: 8, mappingLayers: 2, mappingRate: 0.01 }));
  const discriminator = trained(
    new StyleGan2Discriminator({ ...sizes, architecture: 'resnet', stddevGroup: 4 } as never),
  );
  const [weight, decay, before] = [2, 0.1, 0.5];
  const options: GanPhaseOptions = {
    batch: 4,
    loss: new GanNonsaturatingLoss({ weight: 1 }),
    discriminatorLoss: new GanLogisticLoss({ weight: 1 }),
    r1: { gamma: 0, every: 1 },
    pathLength: { weight, every: EVERY, decay, batchShrink: 4 },
    styleMixing: 0,
  };
  const gan = new GanPhases(generator, discriminator, options);
  const seed: Tensor1D = tf.tensor1d([3, 4], 'int32');
  const { loss, seen } = generator.parameters.use(() => gan.pathLength(seed, tf.scalar(before)));
  // Of one image: its length, the running mean after it, and the square of their difference (Karras et al. 2020, equation 4).
  const length = number(seen.path_length);
  const mean = before + decay * (length - before);
  expect(number(seen.path_mean as Scalar)).toBeCloseTo(mean, 5);
  expect(length).toBeGreaterThan(0);
  expect(number(loss) / (weight * EVERY * (length - mean) ** 2)).toBeCloseTo(1, 4);
});

test.each([
  [4, 2, 2],
  [5, 2, 2],
  [4, 1, 4],
  [2, 8, 1], // at least one image
])('path lengths of a batch of %d over %d are of %d images', (batch, batchShrink, expected) => {
  const counts: number[] = [];
  const module = {
    ...{ size: 2, styleWidth: 1, latents: 2, map: (z: Tensor) => z },
    synthesize: (w: Tensor) => {
      counts.push(w.shape[0]!);
      return tf.mul(tf.reshape(tf.sum(w, [1, 2]), [-1, 1, 1, 1]), tf.ones([w.shape[0]!, 2, 2, 3]));
    },
  };
  const options = { pathLength: { weight: 1, every: 1, decay: 0.1, batchShrink }, styleMixing: 0, batch };
  const generator = { module } as unknown as TrainedNetwork<Generator>;
  const gan = new GanPhases(generator, {} as TrainedNetwork<Discriminator>, options as unknown as GanPhaseOptions);
  gan.pathLength(tf.tensor1d([1, 2], 'int32'), tf.scalar(0));
  expect(new Set(counts)).toEqual(new Set([expected]));
});
