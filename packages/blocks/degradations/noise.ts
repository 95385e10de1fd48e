import { Type, type Static } from '@sinclair/typebox';
import type { Random, Stream } from '@dualprior/core';
import { whole } from '../images/image.ts';
import { crop } from '../images/transform.ts';
import { quantized, quantizeOption } from './pixels/quantize.ts';
import { degradations, type Degradation, type Degrade } from './degradation.ts';
import { drawing, rangeOption } from './drawn/range.ts';

const Options = Type.Object({
  sigma: rangeOption({
    minimum: 0,
    maximum: 255,
    default: [0, 15],
    description: 'standard deviation in levels of 8 bits, or [least, greatest], from which it is drawn for each image',
  }),
  gray: Type.Number({
    minimum: 0,
    maximum: 1,
    default: 0,
    description: 'probability that an image has the same noise in all three channels',
  }),
  quantize: quantizeOption,
});

/** Gaussian noise, independent from pixel to pixel. */
@degradations.component({ type: 'noise', description: 'Gaussian noise of a random strength', options: Options })
export class GaussianNoise implements Degradation {
  readonly #sigma: (stream: Stream) => number;

  constructor(private readonly options: Static<typeof Options>) {
    this.#sigma = drawing(options.sigma, 'sigma');
  }

  bind(_random: Random): Degrade {
    const { gray, quantize } = this.options;
    return (image, stream, window = whole(image)) => {
      const sigma = this.#sigma(stream);
      const isGray = stream.uniform() < gray;
      const { width, height, data } = crop(image, window);
      const noisy = Float32Array.from(data);
      for (let i = 0; i < noisy.length; i += 3) {
        const first = stream.normal(0, sigma);
        noisy[i]! += first;
        noisy[i + 1]! += isGray ? first : stream.normal(0, sigma);
        noisy[i + 2]! += isGray ? first : stream.normal(0, sigma);
      }
      return quantized({ width, height, data: noisy }, quantize);
    };
  }
}
