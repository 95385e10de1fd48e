import { Conv2d, Module } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { convolution, maxPool, relu, sequence, type Step } from '../trunks/sequence.ts';
import type { Trunk } from '../trunks/trunk.ts';

const POOL = { kernel: 3, stride: 2, ceil: true };

/** SqueezeNet 1.1 (Iandola et al. 2016), torchvision/models/squeezenet.py. Layers: `conv1`, `relu1`, `pool1`, `fire2` ... `fire9`. */
export function squeezenet(): Trunk {
  return sequence('squeezenet', [
    convolution('conv1', 3, 64, 3, { stride: 2 }),
    relu('relu1'),
    maxPool('pool1', POOL),
    fire('fire2', 64, 16, 64),
    fire('fire3', 128, 16, 64),
    maxPool('pool3', POOL),
    fire('fire4', 128, 32, 128),
    fire('fire5', 256, 32, 128),
    maxPool('pool5', POOL),
    fire('fire6', 256, 48, 192),
    fire('fire7', 384, 48, 192),
    fire('fire8', 384, 64, 256),
    fire('fire9', 512, 64, 256),
  ]);
}

function fire(name: string, inputs: number, squeezed: number, expanded: number): Step {
  const module = new Fire(inputs, squeezed, expanded);
  return { name, module, run: (x) => module.forward(x) };
}

/** Few channels, then many again by 1x1 and by 3x3 convolutions side by side. */
class Fire extends Module {
  readonly squeeze: Conv2d;
  readonly expand1x1: Conv2d;
  readonly expand3x3: Conv2d;

  constructor(inputs: number, squeezed: number, expanded: number) {
    super();
    this.squeeze = new Conv2d(inputs, squeezed, { kernel: 1 });
    this.expand1x1 = new Conv2d(squeezed, expanded, { kernel: 1 });
    this.expand3x3 = new Conv2d(squeezed, expanded, { kernel: 3, padding: 1 });
  }

  forward(x: Tensor4D): Tensor4D {
    const squeezed = tf.relu(this.squeeze.forward(x));
    return tf.concat(
      [this.expand1x1, this.expand3x3].map((expand) => tf.relu(expand.forward(squeezed))),
      3,
    );
  }
}
