import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Initializer } from '../initializers.ts';
import { Module } from '../module.ts';
import { upfirdn2d, type Resampling } from '../ops/upfirdn2d.ts';
import { Buffer } from '../parameter.ts';

/** StyleGAN2's FIR filter in one dimension. */
export const BLUR_TAPS = [1, 3, 3, 1] as const;

/** A fixed FIR filter, which official state dicts hold as `kernel`. */
export class Blur extends Module {
  readonly kernel: Buffer<Tensor2D>;

  /** @param gain sum of the filter: 4 where zeros were inserted between the pixels, else 1 */
  constructor(gain: 1 | 4) {
    super();
    this.kernel = new Buffer([BLUR_TAPS.length, BLUR_TAPS.length], outerProduct(BLUR_TAPS, gain), 'same');
  }

  forward(x: Tensor4D, resampling: Resampling): Tensor4D {
    return upfirdn2d(x, this.kernel.value, resampling);
  }
}

function outerProduct(taps: readonly number[], gain: number): Initializer {
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return () => Float32Array.from(taps.flatMap((row) => taps.map((column) => (row * column * gain) / sum ** 2)));
}
