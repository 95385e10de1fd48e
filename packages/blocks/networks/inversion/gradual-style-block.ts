import { Conv2d, EqualLinear, leakyRelu, Module } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** PyTorch's default, which pSp takes. */
const SLOPE = 0.01;

/**
 * pSp's map2style (Richardson et al. 2021; pixel2style2pixel:models/encoders/psp_encoders.py, GradualStyleBlock): convolutions that halve
 * the feature down to one pixel, then an equalised linear layer.
 */
export class GradualStyleBlock extends Module {
  /** The official indices; an activation stands after each convolution. */
  readonly convs: (Conv2d | null)[];
  readonly linear: EqualLinear;

  /** @param size height and width of the features, a power of two; smaller ones pass as well */
  constructor(inputs: number, outputs: number, size: number) {
    super();
    this.convs = Array.from({ length: Math.log2(size) }, (_, i) => [
      new Conv2d(i === 0 ? inputs : outputs, outputs, { kernel: 3, stride: 2, padding: 1 }),
      null,
    ]).flat();
    this.linear = new EqualLinear(outputs, outputs);
  }

  forward(feature: Tensor4D): Tensor2D {
    const convolutions = this.convs.filter((layer) => layer !== null);
    const x = convolutions.reduce((y, convolution) => leakyRelu(convolution.forward(y), SLOPE), feature);
    return this.linear.forward(tf.reshape(x, [x.shape[0], x.shape[3]]));
  }
}
