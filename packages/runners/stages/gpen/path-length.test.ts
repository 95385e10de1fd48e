import { expect, test } from '@jest/globals';
import { loadEngine, Parameters, Random } from '@dualprior/core';
import { Gpen } from '@dualprior/blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { pathLengthLoss } from './path-length.ts';

loadEngine();

const SIDE = 16;
const number = (tensor: Tensor) => tensor.dataSync()[0]!;

test('path lengths of the first images count as often as they have no turn', () => {
  const module = new Gpen({
    size: SIDE,
    channelMultiplier: 2,
    maxChannels: 4,
    styleWidth: 8,
    mappingLayers: 2,
    mappingRate: 0.01,
    narrow: 1,
    isconcat: true,
  });
  const parameters = new Parameters(module, new Random(1));
  const [weight, every, decay, before] = [2, 4, 0.1, 0.5];
  const options = { weight, every, decay, batchShrink: 4 };
  const degraded = tf.randomUniform<tf.Rank.R4>([4, SIDE, SIDE, 3], 0, 1, 'float32', 1);
  const seed: Tensor1D = tf.tensor1d([3, 4], 'int32');
  const { loss, seen } = parameters.use(() => pathLengthLoss(module, options, degraded, seed, tf.scalar(before)));
  // Of one image: its length, the running mean after it, and the square of their difference (Karras et al. 2020, equation 4).
  const length = number(seen.path_length);
  const mean = before + decay * (length - before);
  expect(number(seen.path_mean)).toBeCloseTo(mean, 5);
  expect(number(loss) / (weight * every * (length - mean) ** 2)).toBeCloseTo(1, 4);
});
