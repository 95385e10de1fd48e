import { constant, LayerNorm2d, Module, Parameter } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';

export type Normalization = 'with-bias' | 'bias-free';

const EPSILON = 1e-5;

/** Every pixel normalised over its channels. */
export class LayerNorm extends Module {
  readonly body: LayerNorm2d | BiasFreeLayerNorm;

  constructor(channels: number, normalization: Normalization) {
    super();
    this.body = normalization === 'with-bias' ? new LayerNorm2d(channels, EPSILON) : new BiasFreeLayerNorm(channels);
  }

  forward(x: Tensor4D): Tensor4D {
    return this.body.forward(x);
  }
}

/** x / sqrt(variance + epsilon) * weight: divided by the deviation from the mean, but not centred. */
class BiasFreeLayerNorm extends Module {
  readonly weight: Parameter<Tensor1D>;

  constructor(channels: number) {
    super();
    this.weight = new Parameter([channels], constant(1), 'channels');
  }

  forward(x: Tensor4D): Tensor4D {
    const { variance } = tf.moments(x, 3, true);
    return tf.mul(tf.mul(x, tf.rsqrt(tf.add(variance, EPSILON))), this.weight.value);
  }
}
