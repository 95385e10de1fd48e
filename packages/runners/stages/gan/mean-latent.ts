import type { StateDict } from '@dualprior/core';
import { statelessNormal } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { TrainedGenerator } from '../../experiment/gan-networks.ts';

/** The buffer that holds it (rosinality's name). */
const NAME = 'latent_avg';
const CHUNKS = 10;
const CHUNK = 1000;

/** The state dict of a vector (the weights or their average) with its own mean latent, that of 10,000 random z. */
export function withMeanLatent({ module, parameters }: TrainedGenerator, vector: Tensor1D): StateDict {
  const state = parameters.stateDict(vector);
  const buffer = state.get(NAME);
  if (!buffer) return state;
  const values = tf.tidy(() => {
    const chunk = (_: unknown, i: number) => {
      const z = statelessNormal<Tensor2D>([CHUNK, module.styleWidth], tf.tensor1d([0, i], 'int32'));
      return tf.mean(module.map(z), 0);
    };
    const means = parameters.use(() => Array.from({ length: CHUNKS }, chunk), vector);
    return tf.div(tf.addN(means), CHUNKS).dataSync<'float32'>();
  });
  return state.set(NAME, { shape: buffer.shape, values });
}
