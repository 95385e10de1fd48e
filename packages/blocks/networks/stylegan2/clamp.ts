import { Type } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Option of generator and discriminator. */
export const ClampOption = {
  convClamp: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      description:
        'layer outputs are clamped to plus and minus this (conv_clamp; NVlabs uses 256, as it trains in float16); absent: no clamping',
    }),
  ),
};

/** x, no further from zero than `bound`; as it is where there is no bound. */
export function clamped<T extends Tensor>(x: T, bound: number | undefined): T {
  return bound === undefined ? x : tf.clipByValue(x, -bound, bound);
}
