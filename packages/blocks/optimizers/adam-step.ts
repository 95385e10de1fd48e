import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { Vector } from './optimizer.ts';

/** Running means of the gradient and of its square, and the count of updates, all zero at the start. */
export function adamState(count: number): Map<string, Vector> {
  const zeros = (length: number) => tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([length]), false));
  return new Map([
    ['exp_avg', zeros(count)],
    ['exp_avg_sq', zeros(count)],
    ['step', zeros(1)],
  ]);
}

/**
 * Takes in one gradient and returns what Adam subtracts from the parameters (Kingma and Ba 2015, algorithm 1; PyTorch's
 * order of operations): rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon).
 */
export function adamStep(
  gradient: Tensor1D,
  state: ReadonlyMap<string, Vector>,
  learningRate: Scalar,
  { betas: [beta1, beta2], epsilon }: { readonly betas: readonly [number, number]; readonly epsilon: number },
): Tensor1D {
  const [mean, meanSquare, step] = ['exp_avg', 'exp_avg_sq', 'step'].map((name) => state.get(name)!) as [
    Vector,
    Vector,
    Vector,
  ];
  const t: Tensor1D = tf.add(step, 1);
  const m: Tensor1D = tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1));
  const v: Tensor1D = tf.add(tf.mul(meanSquare, beta2), tf.mul(tf.square(gradient), 1 - beta2));
  step.assign(t);
  mean.assign(m);
  meanSquare.assign(v);
  const denominator = tf.add(tf.div(tf.sqrt(v), tf.sqrt(biasCorrection(beta2, t))), epsilon);
  return tf.mul(tf.div(learningRate, biasCorrection(beta1, t)), tf.div(m, denominator));
}

/** 1 - beta^t as -expm1(t ln beta), which keeps its digits in float32 while beta^t is near 1. */
function biasCorrection(beta: number, t: Tensor): Tensor {
  return tf.neg(tf.expm1(tf.mul(t, Math.log(beta))));
}
