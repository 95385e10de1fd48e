import { Type, type Static } from '@sinclair/typebox';
import type { Random, Stream } from '@dualprior/core';
import { whole } from '../images/image.ts';
import { crop } from '../images/transform.ts';
import { rounded } from './pixels/bytes.ts';
import { degradations, type Degradation, type Degrade } from './degradation.ts';
import { luma } from './pixels/luma.ts';
import { poisson } from './drawn/poisson.ts';
import { quantized, quantizeOption } from './pixels/quantize.ts';
import { drawing, rangeOption } from './drawn/range.ts';

const Options = Type.Object({
  scale: rangeOption({
    minimum: 0,
    maximum: 100,
    default: [0.05, 3],
    description: 'what the noise is multiplied by, or [least, greatest], from which it is drawn for each image',
  }),
  gray: Type.Number({
    minimum: 0,
    maximum: 1,
    default: 0,
    description: 'probability that an image has the same noise in all three channels',
  }),
  quantize: quantizeOption,
});

/**
 * The noise of counted light, as BasicSR:basicsr/data/degradations.py makes it: a pixel in 0 .. 1 is counted as a Poisson number of mean pixel * n, where n
 * is the power of two at or above the count of the different 8-bit values of the image; the difference between count / n and the pixel is multiplied by `scale`.
 */
@degradations.component({ type: 'poisson-noise', description: 'photon noise of a random strength', options: Options })
export class PoissonNoise implements Degradation {
  readonly #scale: (stream: Stream) => number;

  constructor(private readonly options: Static<typeof Options>) {
    this.#scale = drawing(options.scale, 'scale');
  }

  bind(_random: Random): Degrade {
    const { gray, quantize } = this.options;
    return (image, stream, window = whole(image)) => {
      const scale = this.#scale(stream);
      const isGray = stream.uniform() < gray;
      const counted = isGray ? rounded(luma(image)) : rounded(image.data);
      const levels = 2 ** Math.ceil(Math.log2(new Set(counted).size));
      const { width, height, data } = crop(image, window);
      const noisy = Float32Array.from(data);
      const noiseOf = (level: number) => scale * ((255 * poisson(stream, (level / 255) * levels)) / levels - level);
      if (isGray) addToAll(noisy, rounded(luma({ width, height, data })), noiseOf);
      else rounded(data).forEach((level, i) => (noisy[i]! += noiseOf(level)));
      return quantized({ width, height, data: noisy }, quantize);
    };
  }
}

function addToAll(noisy: Float32Array, levels: Uint8Array, noiseOf: (level: number) => number): void {
  levels.forEach((level, pixel) => {
    const noise = noiseOf(level);
    for (let i = 3 * pixel; i < 3 * pixel + 3; i++) noisy[i]! += noise;
  });
}
