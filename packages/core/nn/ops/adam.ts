import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { hasOwnOperation } from './own-operation.ts';
import { byIndex, flattened } from './tensor-list.ts';

/** Name of the engine's operation, where it has one: a single pass over all values. */
export const ADAM = 'DualpriorAdam';

/** Numbers of the rule that never change. */
interface AdamRule {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  /** Times the weights, added to the gradient (L2). */
  readonly penalty: number;
}

/** Numbers of the rule that may change at each update. */
interface AdamFactors {
  /** The factor by which clipping scales the gradient. */
  readonly scale: Scalar;
  /** The part of the weights that decoupled decay keeps. */
  readonly kept: Scalar;
  readonly learningRate: Scalar;
  /** Count of updates, this one included: (1). */
  readonly step: Tensor1D;
}

/** What an update changes: vectors of all weights, and of the running means of the gradient and of its square. */
export interface AdamVectors {
  readonly weights: Tensor1D;
  readonly mean: Tensor1D;
  readonly meanSquare: Tensor1D;
}

/**
 * Adam (Kingma and Ba 2015, algorithm 1), in PyTorch's order of operations:
 *
 *     g = scale gradient + penalty weights
 *     m = beta1 m + (1 - beta1) g             v = beta2 v + (1 - beta2) g^2
 *     weights = kept weights - rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
 *
 * @param gradient a tensor per parameter, in the order of the vectors
 */
export function adam(
  vectors: AdamVectors,
  gradient: readonly Tensor[],
  { betas: [beta1, beta2], epsilon, penalty }: AdamRule,
  { scale, kept, learningRate, step }: AdamFactors,
): AdamVectors {
  const rate: Scalar = tf.reshape(tf.div(learningRate, biasCorrection(beta1, step)), []);
  const deviation: Scalar = tf.reshape(tf.sqrt(biasCorrection(beta2, step)), []);
  const { weights, mean, meanSquare } = vectors;
  if (hasOwnOperation(ADAM)) {
    const inputs = { weights, mean, meanSquare, scale, kept, rate, deviation, ...byIndex(gradient) };
    const attributes = { beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, epsilon, penalty };
    const [newWeights, newMean, newMeanSquare] = tf.engine().runKernel<Tensor1D[]>(ADAM, inputs, attributes);
    return { weights: newWeights!, mean: newMean!, meanSquare: newMeanSquare! };
  }
  const scaled: Tensor1D = tf.mul(flattened(gradient), scale);
  const g: Tensor1D = penalty === 0 ? scaled : tf.add(scaled, tf.mul(weights, penalty));
  const m: Tensor1D = tf.add(tf.mul(mean, beta1), tf.mul(g, 1 - beta1));
  const v: Tensor1D = tf.add(tf.mul(meanSquare, beta2), tf.mul(tf.square(g), 1 - beta2));
  const denominator = tf.add(tf.div(tf.sqrt(v), deviation), epsilon);
  const change: Tensor1D = tf.mul(rate, tf.div(m, denominator));
  const weightsAfter: Tensor1D = tf.sub(tf.mul(weights, kept), change);
  return { weights: weightsAfter, mean: m, meanSquare: v };
}

/** 1 - beta^t as -expm1(t ln beta), which keeps its digits in float32 while beta^t is near 1. */
function biasCorrection(beta: number, t: Tensor1D): Tensor1D {
  const power: Tensor1D = tf.mul(t, Math.log(beta));
  return tf.neg(tf.expm1(power));
}
