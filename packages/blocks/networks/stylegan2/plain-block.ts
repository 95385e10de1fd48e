import { Module } from '@dualprior/core/nn';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { ConvLayer } from './conv-layer.ts';

/** Two convolutions that halve the image, without a skip connection (NVlabs' architectures `orig` and `skip`). */
export class PlainBlock extends Module {
  readonly conv1: ConvLayer;
  readonly conv2: ConvLayer;

  constructor(inputs: number, outputs: number, clamp?: number) {
    super();
    this.conv1 = new ConvLayer({ inputs, outputs: inputs, kernel: 3, clamp });
    this.conv2 = new ConvLayer({ inputs, outputs, kernel: 3, downsample: true, clamp });
  }

  forward(x: Tensor4D): Tensor4D {
    return this.conv2.forward(this.conv1.forward(x));
  }
}
