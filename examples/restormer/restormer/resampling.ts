import { Conv2d, Module, pixelShuffle, pixelUnshuffle } from '@dualprior/core/nn';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** Half the size, twice the channels: a 3x3 convolution, then blocks of 2x2 pixels become channels. */
export class Downsample extends Module {
  readonly body: readonly [Conv2d];

  constructor(channels: number) {
    super();
    this.body = [new Conv2d(channels, channels / 2, { kernel: 3, padding: 1, bias: false })];
  }

  forward(x: Tensor4D): Tensor4D {
    return pixelUnshuffle(this.body[0].forward(x), 2);
  }
}

/** Twice the size, half the channels: a 3x3 convolution, then channels become blocks of 2x2 pixels. */
export class Upsample extends Module {
  readonly body: readonly [Conv2d];

  constructor(channels: number) {
    super();
    this.body = [new Conv2d(channels, 2 * channels, { kernel: 3, padding: 1, bias: false })];
  }

  forward(x: Tensor4D): Tensor4D {
    return pixelShuffle(this.body[0].forward(x), 2);
  }
}
