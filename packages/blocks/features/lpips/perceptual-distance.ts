import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

const EPSILON = 1e-10;
/** Below the square of any norm that counts: keeps the derivative of the root finite where a feature vector is zero. */
const LEAST_SQUARE = 1e-24;

/**
 * For each image and layer: mean over positions of sum over channels of w_c (u_c - v_c)^2, with u and v the feature vectors of
 * both images scaled to length 1 (Zhang et al. 2018; PerceptualSimilarity:lpips/lpips.py). LPIPS is the sum over layers.
 * @param first features of the first images, a tensor (NHWC) a layer; `second` those of the others
 * @param heads w of each layer (channels); 1 where absent
 * @returns (images, layers)
 */
export function perceptualDistances(
  first: readonly Tensor4D[],
  second: readonly Tensor4D[],
  heads?: readonly Tensor1D[],
): Tensor2D {
  const distances = first.map((features, i) => {
    const squares = tf.square(tf.sub(unit(features), unit(second[i]!)));
    const weighted: Tensor = heads ? tf.mul(squares, heads[i]!) : squares;
    return tf.mean<Tensor1D>(tf.sum(weighted, 3), [1, 2]);
  });
  return tf.stack(distances, 1) as Tensor2D;
}

/** Each feature vector over its norm; zero stays zero. */
function unit(features: Tensor4D): Tensor4D {
  const square = tf.sum<Tensor4D>(tf.square(features), 3, true);
  return tf.div(features, tf.add(tf.sqrt(tf.maximum(square, LEAST_SQUARE)), EPSILON));
}
