import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.ts';
import { isDifferentiating } from './tape.ts';

/**
 * y = (x - mean) / sqrt(variance + epsilon), with mean and (biased) variance over the given axes: layer normalisation over
 * the channels, instance normalisation over the pixels.
 *
 * Its gradient is written by hand, as TensorFlow.js's own takes three times as long:
 * dx = (dy - mean(dy) - y mean(y dy)) / sqrt(variance + epsilon).
 */
export function normalize<T extends Tensor>(x: T, axes: readonly number[], epsilon: number): T {
  return customGradient([x], (input) => {
    const { normalized, inverse } = standardize(input, axes, epsilon);
    return {
      value: normalized,
      saved: [input, normalized, inverse],
      gradient: (dy, saved) => tf.tidy(() => gradient(dy, saved, axes, epsilon)),
    };
  });
}

/** The normalised tensor, and 1 / sqrt(variance + epsilon). Without a gradient of its own. */
function standardize<T extends Tensor>(x: T, axes: readonly number[], epsilon: number): { normalized: T; inverse: T } {
  const centred: T = tf.sub(x, tf.mean(x, [...axes], true));
  const variance = tf.mean(tf.square(centred), [...axes], true);
  const inverse = tf.rsqrt(tf.add<T>(variance, epsilon));
  return { normalized: tf.mul<T>(centred, inverse), inverse };
}

function gradient(dy: Tensor, saved: readonly Tensor[], axes: readonly number[], epsilon: number): Tensor {
  const [x, ...outcome] = saved as readonly [Tensor, Tensor, Tensor];
  const { normalized, inverse } = isDifferentiating()
    ? standardize(x, axes, epsilon)
    : { normalized: outcome[0], inverse: outcome[1] };
  const mean = (tensor: Tensor) => tf.mean(tensor, [...axes], true);
  const projected = tf.sub(dy, tf.add(mean(dy), tf.mul(normalized, mean(tf.mul(dy, normalized)))));
  return tf.mul(projected, inverse);
}
