import { expect, test } from '@jest/globals';
import { loadEngine, type Module } from '@dualprior/core';
import type { TrainedNetwork } from './trained-network.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { DualPrior } from './dual-prior.ts';

loadEngine();

/** A generator of two latents, of which the feature at 4x4 makes the first needless, that keeps the w that it is given. */
function dualPrior(mean: readonly number[]): { prior: DualPrior; given: () => number[][][] } {
  let seen: Tensor3D | undefined;
  const generator = {
    size: 16,
    styleWidth: 2,
    latents: 3,
    resolutions: [4, 8],
    featureChannels: () => 1,
    firstLatent: () => 1,
    meanLatent: () => tf.tensor2d([...mean], [1, 2]) as Tensor2D,
    map: () => undefined,
    synthesize: (w: Tensor3D): Tensor4D => {
      seen = tf.keep(tf.clone(w));
      return tf.zeros([1, 16, 16, 3]);
    },
    parameters: () => new Map(),
    buffers: () => new Map(),
  };
  const encoder = { size: 16, resolution: 8, featureChannels: 1, latents: 2, styleWidth: 2, encode: () => undefined };
  const network = (module: object) => ({ reference: 'n', module: module as Module }) as unknown as TrainedNetwork;
  const regressor = { restore: () => undefined, multiple: 1 };
  const prior = new DualPrior({
    regressor: network(regressor),
    encoder: network(encoder),
    generator: network(generator),
  });
  return { prior, given: () => seen!.arraySync() };
}

test('w is the mean latent plus what E predicts, as in pSp; latents that f makes needless are the mean', () => {
  const { prior, given } = dualPrior([0.5, -1]);
  const feature = tf.zeros<tf.Rank.R4>([1, 8, 8, 1]);
  const image = prior.synthesize({
    feature,
    latents: tf.tensor3d([
      [
        [1, 2],
        [3, 4],
      ],
    ]),
  });
  expect(given()).toEqual([
    [
      [0.5, -1],
      [1.5, 1],
      [3.5, 3],
    ],
  ]);
  // From [-1, 1] to [0, 1].
  expect(tf.max(tf.abs(tf.sub(image, 0.5))).dataSync()[0]).toBe(0);
});
