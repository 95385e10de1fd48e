import { Conv2d, Module } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { networks, type Restoration, type Restorer } from '../../../packages/blocks/networks/network.ts';

const Options = Type.Object({
  width: Type.Integer({ minimum: 1, maximum: 4096, default: 16, description: 'channels' }),
  blocks: Type.Integer({ minimum: 0, maximum: 256, default: 2, description: 'residual blocks' }),
});

/** x + conv(relu(conv(x))). */
class ResidualBlock extends Module {
  readonly conv1: Conv2d;
  readonly conv2: Conv2d;

  constructor(width: number) {
    super();
    this.conv1 = new Conv2d(width, width, { kernel: 3, padding: 1 });
    this.conv2 = new Conv2d(width, width, { kernel: 3, padding: 1 });
  }

  forward(x: Tensor4D): Tensor4D {
    return tf.add(x, this.conv2.forward(tf.relu(this.conv1.forward(x))));
  }
}

/** Adds a correction to the degraded image. TODO: your network, its source, and the field names of its official state dict. */
@networks.component({ type: 'my-network', description: 'residual blocks that correct the image', options: Options })
export class MyNetwork extends Module implements Restorer {
  readonly multiple = 1;
  readonly head: Conv2d;
  readonly body: readonly ResidualBlock[];
  readonly tail: Conv2d;

  constructor({ width, blocks }: Static<typeof Options>) {
    super();
    this.head = new Conv2d(3, width, { kernel: 3, padding: 1 });
    this.body = Array.from({ length: blocks }, () => new ResidualBlock(width));
    this.tail = new Conv2d(width, 3, { kernel: 3, padding: 1 });
  }

  restore(degraded: Tensor4D): Restoration {
    const features = this.body.reduce((x, block) => block.forward(x), this.head.forward(degraded));
    return { image: tf.add(degraded, this.tail.forward(features)), auxiliary: [] };
  }
}
