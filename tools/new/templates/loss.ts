import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { losses, type Loss } from '../../../packages/blocks/losses/loss.ts';
import { weight } from '../../../packages/blocks/losses/weight.ts';

const Options = Type.Object({
  power: Type.Number({ minimum: 1, default: 2, description: 'of the differences between pixels' }),
  weight,
});

/** weight * mean |prediction - target|^power. TODO: the formula of your loss, and its source (paper, equation, official file). */
@losses.component({
  type: 'my-loss',
  description: 'mean power of the differences between pixels',
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class MyLoss implements Loss {
  constructor(private readonly options: Static<typeof Options>) {}

  /** Images are NHWC in [0, 1]. */
  compute(prediction: Tensor4D, target: Tensor4D): Scalar {
    const { power, weight } = this.options;
    return tf.mul(weight, tf.mean<Scalar>(tf.pow(tf.abs(tf.sub(prediction, target)), power)));
  }
}
