import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { Module } from '../module.ts';
import { upfirdn2d, type Resampling } from '../ops/upfirdn2d.ts';
import { Buffer } from '../parameter.ts';

/** StyleGAN2's FIR filter in one dimension. */
export const BLUR_TAPS = [1, 3, 3, 1] as const;

/** A fixed FIR filter, which official state dicts hold as `kernel`, or do not hold. */
export class Blur extends Module {
  readonly kernel: { readonly value: Tensor2D };

  /**
   * @param gain sum of the filter: 4 where zeros were inserted between the pixels, else 1
   * @param isStored whether the state dict holds it
   */
  constructor(gain: 1 | 4, isStored = true) {
    super();
    const shape: Tensor2D['shape'] = [BLUR_TAPS.length, BLUR_TAPS.length];
    const values = outerProduct(BLUR_TAPS, gain);
    this.kernel = isStored
      ? new Buffer<Tensor2D>(shape, () => values, 'same', { isOptional: true }) // BasicSR stores none
      : {
          get value() {
            return tf.tensor2d(values, shape);
          },
        };
  }

  forward(x: Tensor4D, resampling: Resampling): Tensor4D {
    return upfirdn2d(x, this.kernel.value, resampling);
  }
}

function outerProduct(taps: readonly number[], gain: number): Float32Array {
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return Float32Array.from(taps.flatMap((row) => taps.map((column) => (row * column * gain) / sum ** 2)));
}
