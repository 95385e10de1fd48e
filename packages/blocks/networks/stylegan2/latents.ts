import { UserError } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';

/**
 * Pulls w or W+ (N, D) or (N, L, D) towards the mean latent (1, D): mean + psi (w - mean), the truncation trick.
 *
 * @param psi 1 leaves w, 0 gives the mean
 * @param layers only the first so many latents of W+; default all
 */
export function truncate<T extends Tensor2D | Tensor3D>(
  w: T,
  mean: Tensor2D,
  psi: number | Scalar,
  layers?: number,
): T {
  const truncated: T = tf.add(mean, tf.mul(tf.sub(w, mean), psi));
  if (layers === undefined || w.rank === 2) return truncated;
  const [batch, latents, width] = w.shape as Tensor3D['shape'];
  const count = Math.min(layers, latents);
  const first = tf.slice(truncated as Tensor3D, [0, 0, 0], [batch, count, width]);
  return tf.concat([first, tf.slice(w as Tensor3D, [0, count, 0], [batch, latents - count, width])], 1) as T;
}

/** W+ (N, L, D) with the same w (N, D) for each of its latents. */
export function broadcast(w: Tensor2D, latents: number): Tensor3D {
  const [batch, width] = w.shape;
  return tf.tile<Tensor3D>(tf.reshape(w, [batch, 1, width]), [1, latents, 1]);
}

/**
 * Style mixing: W+ (N, L, D) whose first `inject` latents are those of `first` (N, D), the others those of `second`.
 *
 * @param inject a number, or a tensor that broadcasts to (N, L, 1), such as a scalar or (N, 1, 1) that another step changes
 */
export function mixStyles(first: Tensor2D, second: Tensor2D, inject: number | Tensor, latents: number): Tensor3D {
  const index = tf.reshape(tf.range(0, latents, 1, 'float32'), [1, latents, 1]);
  const isFirst = tf.cast(tf.less(index, inject), 'float32');
  const [one, other] = [first, second].map((w) => broadcast(w, latents)) as [Tensor3D, Tensor3D];
  return tf.add(tf.mul(one, isFirst), tf.mul(other, tf.sub(1, isFirst)));
}

/** The latents (N, D) of w or W+, one after the other. Errors: `UserError` for a shape that is neither. */
export function separate(type: string, w: Tensor2D | Tensor3D, latents: number, width: number): Tensor2D[] {
  checkWidth(type, 'w', w, width);
  if (w.rank === 2) return new Array<Tensor2D>(latents).fill(w as Tensor2D);
  if (w.rank !== 3 || w.shape[1] !== latents) {
    throw new UserError(`${type}: W+ has the shape (${w.shape.join(', ')}), but (N, ${latents}, ${width}) is needed.`);
  }
  return tf.unstack(w, 1) as Tensor[] as Tensor2D[];
}

/** Errors: `UserError` if the last axis of a latent is not as wide as the network's. */
export function checkWidth(type: string, name: string, latent: Tensor, width: number): void {
  if (latent.shape.at(-1) === width && latent.rank >= 2) return;
  throw new UserError(
    `${type}: ${name} has the shape (${latent.shape.join(', ')}), but its last axis must be styleWidth, ${width}.`,
  );
}
