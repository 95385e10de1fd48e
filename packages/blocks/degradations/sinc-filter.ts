import { Type, type Static } from '@sinclair/typebox';
import type { Random, Stream } from '@dualprior/core';
import { whole } from '../images/image.ts';
import { sinc } from '../kernels/sinc.ts';
import { convolve } from './pixels/convolve.ts';
import { taps } from './pixels/taps.ts';
import { degradations, type Degradation, type Degrade } from './degradation.ts';
import { quantized, quantizeOption } from './pixels/quantize.ts';
import { drawing, rangeOption } from './drawn/range.ts';
import { drawingSize, sizeOption } from './drawn/size.ts';

const Options = Type.Object({
  size: sizeOption([7, 21]),
  cutoff: rangeOption({
    minimum: 0.05,
    maximum: 1,
    default: [0.3333333333333333, 1],
    description:
      'cutoff frequency as a fraction of half the sampling rate, or [least, greatest], from which it is drawn for each image',
  }),
  quantize: quantizeOption,
});

/** A circular low-pass filter: it leaves ringing and overshoot, as sharpening and compression do (Wang et al., "Real-ESRGAN", 2021). */
@degradations.component({ type: 'sinc', description: 'low-pass filter with ringing', options: Options })
export class SincFilter implements Degradation {
  readonly #size: (stream: Stream) => number;
  readonly #cutoff: (stream: Stream) => number;

  constructor(private readonly options: Static<typeof Options>) {
    this.#size = drawingSize(options.size);
    this.#cutoff = drawing(options.cutoff, 'cutoff');
  }

  bind(_random: Random): Degrade {
    return (image, stream, window = whole(image)) => {
      const { width, height } = window;
      const size = this.#size(stream);
      const kernel = sinc(size, Math.PI * this.#cutoff(stream));
      const data = convolve(image, taps(kernel), 'reflect', window);
      return quantized({ width, height, data }, this.options.quantize);
    };
  }
}
