import { statelessNormal, UserError, type Parameters, type StateDict } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { isGenerator, type Generator } from '../generator.ts';

/** The buffer that holds it (rosinality's name). */
const NAME = 'latent_avg';

const CHUNKS = 10;
const CHUNK = 1000;

/** Whether the state dict of a generator holds its mean latent; official training checkpoints lack it. */
export function keepsMeanLatent(state: StateDict): boolean {
  return state.has(NAME);
}

/** Mean of w over 10,000 z drawn from a seed (int32, shape (2)): (1, D). Inside `Parameters.use`. */
export function measureMeanLatent(network: Pick<Generator, 'map' | 'styleWidth'>, seed: Tensor1D): Tensor2D {
  const means = Array.from({ length: CHUNKS }, (_, i) => {
    const z = statelessNormal<Tensor2D>([CHUNK, network.styleWidth], tf.add(seed, tf.tensor1d([0, i], 'int32')));
    return tf.mean<Tensor2D>(network.map(z), 0, true);
  });
  return tf.div(tf.addN(means), CHUNKS);
}

/**
 * The state dict of a generator (with the numbers of `vector`, such as an average, if given) with its mean latent measured again, if it
 * keeps one. As `Parameters.liveStateDict`, its values are read when they are asked for.
 * Errors: `UserError` if the module is no generator.
 */
export function withMeanLatent(
  parameters: Parameters,
  seed: readonly [number, number],
  vector: Tensor1D = parameters.vector,
): StateDict {
  const network = parameters.module;
  if (!isGenerator(network)) throw new UserError('Only a generator has a mean latent.');
  const state = parameters.liveStateDict(vector);
  const buffer = state.get(NAME);
  if (!buffer) return state;
  const values = tf.tidy(() => {
    const measure = () => measureMeanLatent(network, tf.tensor1d([...seed], 'int32'));
    return parameters.use(measure, vector).dataSync<'float32'>();
  });
  return state.set(NAME, { shape: buffer.shape, values });
}

/** Measures the mean latent of a generator as `withMeanLatent` does, unless it is filled. Errors: as there. */
export function fillMeanLatent(parameters: Parameters, seed: readonly [number, number]): void {
  const network = parameters.module;
  if (isGenerator(network)) {
    const mean = tf.tidy(() => parameters.use(() => network.meanLatent()).dataSync<'float32'>());
    if (mean.some((value) => value !== 0)) return;
  }
  parameters.load(withMeanLatent(parameters, seed));
}
