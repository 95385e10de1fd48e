import { statelessNormal, UserError, type Parameters, type StateDict } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { isGenerator, type Generator } from '../generator.ts';

/** Mean of w over so many z drawn from a seed (int32, shape (2)): (1, D). Inside `Parameters.use`. */
export function measureMeanLatent(network: Generator, seed: Tensor1D, count = 4096): Tensor2D {
  return tf.mean(network.map(statelessNormal<Tensor2D>([count, network.styleWidth], seed)), 0, true);
}

/**
 * The state dict of a generator (with the numbers of `vector`, such as an average, if given) with its mean latent measured anew.
 * Errors: `UserError` if the module is no generator.
 */
export function withMeanLatent(
  parameters: Parameters,
  seed: Tensor1D,
  vector: Tensor1D = parameters.vector,
): StateDict {
  const network = parameters.module;
  if (!isGenerator(network)) throw new UserError('Only a generator has a mean latent.');
  const values = tf.tidy(() => {
    return parameters.use(() => measureMeanLatent(network, seed), vector).dataSync<'float32'>();
  });
  return parameters.stateDict(vector).set('latent_avg', { shape: [network.styleWidth], values });
}
