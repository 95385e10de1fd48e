import { gradientNorm } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** min(1, maximum / (|gradient| + 1e-6)): what `torch.nn.utils.clip_grad_norm_` leaves of the gradient of a whole parameter group. */
export function clipFactor(gradient: readonly Tensor[], maximum: number): Scalar {
  return tf.minimum(1, tf.div(maximum, tf.add(gradientNorm(gradient), 1e-6)));
}
