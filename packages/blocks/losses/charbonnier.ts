import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { losses, type Loss } from './loss.ts';
import { weight } from './weight.ts';

const Options = Type.Object({
  epsilon: Type.Number({
    minimum: 1e-30,
    default: 1e-12,
    description: 'added to the squared difference as it is, not squared',
  }),
  weight,
});

/**
 * weight * mean sqrt((prediction - target)^2 + epsilon), a smooth L1 (Charbonnier et al. 1994).
 * BasicSR:basicsr/losses/basic_loss.py, CharbonnierLoss.
 */
@losses.component({
  type: 'charbonnier',
  description: 'absolute error that is smooth at zero (Charbonnier et al. 1994)',
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class CharbonnierLoss implements Loss {
  constructor(private readonly options: Static<typeof Options>) {}

  compute(prediction: Tensor4D, target: Tensor4D): Scalar {
    const squared = tf.square(tf.sub(prediction, target));
    return tf.mul(this.options.weight, tf.mean(tf.sqrt(tf.add(squared, this.options.epsilon))));
  }
}
