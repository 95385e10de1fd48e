import { constant, conv2d, EqualConv2d, Parameter } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';

/** A convolution with equalised learning rate and a bias; the image keeps its size. */
export class BiasedEqualConv2d extends EqualConv2d {
  readonly bias: Parameter<Tensor1D>;

  /** @param bias what it begins with */
  constructor(inputs: number, outputs: number, kernel: 1 | 3, bias: number) {
    super(inputs, outputs, kernel, (x, weight) => conv2d(x, weight, { stride: 1, padding: (kernel - 1) / 2 }));
    this.bias = new Parameter([outputs], constant(bias), 'channels');
  }

  override forward(x: Tensor4D): Tensor4D {
    return tf.add(super.forward(x), this.bias.value);
  }
}
