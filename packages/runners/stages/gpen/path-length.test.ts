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

test.each([
  [4, 2, 2],
  [4, 1, 4],
  [2, 8, 1], // at least one image
])('of a batch of %d over %d they are of the first %d images', (batch, batchShrink, expected) => {
  const shapes: (readonly number[])[] = [];
  const gpen = {
    encode: (images: Tensor) => {
      shapes.push(images.shape);
      return { z: tf.zeros([images.shape[0]!, 1]), features: [] };
    },
    generator: {
      ...{ latents: 2, map: (z: Tensor) => z },
      synthesize: (w: Tensor) => tf.mul(tf.reshape(tf.sum(w, [1, 2]), [-1, 1, 1, 1]), tf.ones([w.shape[0]!, 2, 2, 3])),
    },
  } as unknown as Gpen;
  const options = { weight: 1, every: 1, decay: 0.1, batchShrink };
  pathLengthLoss(gpen, options, tf.zeros([batch, 2, 2, 3]), tf.tensor1d([1, 2], 'int32'), tf.scalar(0));
  expect(shapes).toEqual([[expected, 2, 2, 3]]);
});
