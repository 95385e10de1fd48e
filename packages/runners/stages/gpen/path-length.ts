import { broadcast, pathLengthPenalty, toSigned, type Gpen } from '@dualprior/blocks';
import { statelessNormal, type Differentiated } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';

interface PathLengthOptions {
  readonly weight: number;
  /** Iterations between its turns. */
  readonly every: number;
  readonly decay: number;
  readonly batchShrink: number;
}

/**
 * Path lengths of the batch over `batchShrink`, its first images, from the w that GPEN's encoder gives.
 * @param degraded NHWC, [0, 1]
 * @param seed of the images along which the slope is taken
 * @param mean their running mean before
 */
export function pathLengthLoss(
  gpen: Gpen,
  { weight, every, decay, batchShrink }: PathLengthOptions,
  degraded: Tensor4D,
  seed: Tensor1D,
  mean: Scalar,
): Differentiated<{ path_length: Scalar; path_mean: Scalar }> {
  const { generator } = gpen;
  const first = tf.slice(degraded, 0, Math.max(1, Math.floor(degraded.shape[0] / batchShrink)));
  const { z, features } = gpen.encode(toSigned(first));
  const latents = broadcast(generator.map(z), generator.latents);
  const noise = statelessNormal<Tensor4D>(first.shape, seed);
  const path = pathLengthPenalty((w: Tensor3D) => generator.synthesize(w, features), latents, noise, mean, decay);
  return {
    loss: tf.mul(weight * every, path.penalty),
    seen: { path_length: tf.mean(path.lengths), path_mean: path.mean },
  };
}
