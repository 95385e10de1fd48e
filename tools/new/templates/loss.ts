import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { losses, weight, WeightedLoss } from '../../../packages/blocks/losses/loss.ts';

const Options = Type.Object({
  power: Type.Number({ minimum: 1, default: 2, description: 'of the differences between pixels' }),
  weight,
});

/** mean |prediction - target|^power. TODO: the formula of your loss, and its source (paper, equation, official file). */
@losses.component({
  type: 'my-loss',
  description: 'mean power of the differences between pixels',
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class MyLoss extends WeightedLoss {
  constructor(private readonly options: Static<typeof Options>) {
    super(options);
  }

  /** Images are NHWC in [0, 1]. */
  protected formula(prediction: Tensor4D, target: Tensor4D): Scalar {
    return tf.mean(tf.pow(tf.abs(tf.sub(prediction, target)), this.options.power));
  }
}
