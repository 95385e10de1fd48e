import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { losses, weight, WeightedLoss } from './loss.ts';

const Options = Type.Object({
  epsilon: Type.Number({
    minimum: 1e-30,
    default: 1e-12,
    description: 'added to the squared difference (not squared itself)',
  }),
  weight,
});

/**
 * mean sqrt((prediction - target)^2 + epsilon), a smooth L1 (Charbonnier et al. 1994).
 * BasicSR:basicsr/losses/basic_loss.py, CharbonnierLoss.
 */
@losses.component({
  type: 'charbonnier',
  description: 'absolute error, smooth at zero (Charbonnier et al. 1994)',
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class CharbonnierLoss extends WeightedLoss {
  constructor(private readonly options: Static<typeof Options>) {
    super(options);
  }

  protected formula(prediction: Tensor4D, target: Tensor4D): Scalar {
    const squared = tf.square(tf.sub(prediction, target));
    return tf.mean(tf.sqrt(tf.add(squared, this.options.epsilon)));
  }
}
