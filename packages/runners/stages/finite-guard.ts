import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Variable } from '@tensorflow/tfjs-core';

/**
 * Runs `update`, a part of a step, and puts the variables back to what they were if the loss or one of their new numbers is not
 * finite. It costs a sum and a choice for each variable.
 * @returns the loss, or NaN in that case
 */
export function guarded(loss: Scalar, variables: Iterable<Variable>, update: () => void): Scalar {
  const before = [...variables].map((variable) => ({ variable, value: tf.clone(variable) }));
  update();
  const nothing = before.map(({ variable }) => tf.mul(tf.sum(variable), 0)); // 0, or NaN
  const checked = tf.addN([loss, ...nothing] as Scalar[]);
  const finite = tf.isFinite(checked);
  for (const { variable, value } of before) variable.assign(tf.where(finite, variable, value));
  return checked;
}
