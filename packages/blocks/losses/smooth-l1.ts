import { absolute } from '@dualprior/core/nn';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { losses, weight, WeightedLoss } from './loss.ts';

const Options = Type.Object({
  beta: Type.Number({
    exclusiveMinimum: 0,
    default: 1,
    description: 'difference above which the loss is linear instead of quadratic',
  }),
  signed: Type.Boolean({
    default: false,
    description: 'whether differences are taken of images in [-1, 1], twice as large, as in GPEN',
  }),
  weight,
});

/** mean of d^2 / (2 beta) where d = |prediction - target| < beta, of d - beta / 2 elsewhere: `torch.nn.SmoothL1Loss`. */
@losses.component({
  type: 'smooth-l1',
  description: 'quadratic for small differences, linear for large ones',
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class SmoothL1Loss extends WeightedLoss {
  constructor(private readonly options: Static<typeof Options>) {
    super(options);
  }

  protected formula(prediction: Tensor4D, target: Tensor4D): Scalar {
    const { beta, signed } = this.options;
    const distance = absolute(tf.mul(tf.sub(prediction, target), signed ? 2 : 1));
    const small = tf.minimum(distance, beta);
    // With s = min(d, beta): s^2 / (2 beta) + (d - s).
    return tf.mean(tf.add(tf.div(tf.square(small), 2 * beta), tf.sub(distance, small)));
  }
}
