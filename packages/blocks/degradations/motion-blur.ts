import { Type, type Static } from '@sinclair/typebox';
import type { Random } from '@dualprior/core';
import { whole } from '../images/image.ts';
import { kernels } from '../kernels/kernels.ts';
import { rounded } from './pixels/bytes.ts';
import { convolve, taps, type Taps } from './pixels/convolve.ts';
import { degradations, type Degradation, type Degrade } from './degradation.ts';

const Options = Type.Object({
  kernels: kernels.option({ default: { type: 'camera-shake' }, description: 'family of blur kernels' }),
  border: Type.Union([Type.Literal('reflect'), Type.Literal('replicate'), Type.Literal('zero')], {
    default: 'reflect',
    description: 'what lies beyond the border: the image mirrored, its edge pixel, or black',
  }),
  noise: Type.Number({
    minimum: 0,
    maximum: 255,
    default: 0,
    description: 'standard deviation of Gaussian noise after the blur, in levels of 8 bits',
  }),
  quantize: Type.Boolean({ default: true, description: 'round to 8 bits, as a file would' }),
});

/** How many kernels a bound degradation keeps ready. */
const READY = 4096;

/**
 * Uniform motion blur: one kernel for the whole image, drawn from the data set's own family of `kernels.count`, at the
 * scale of the image's longer side. Noise comes after the blur, rounding last, as in a camera that writes a file.
 */
@degradations.component({ type: 'motion-blur', description: 'convolution with a random kernel', options: Options })
export class MotionBlur implements Degradation {
  constructor(private readonly options: Static<typeof Options>) {}

  bind(random: Random): Degrade {
    const { kernels, border, noise, quantize } = this.options;
    const ready = new Map<string, Taps>();
    const kernel = (index: number, side: number) => {
      const key = `${index}/${side}`;
      const known = ready.get(key);
      if (known) return known;
      if (ready.size >= READY) ready.clear();
      const made = taps(kernels.kernel(random, index, side));
      ready.set(key, made);
      return made;
    };
    return (sharp, stream, window = whole(sharp)) => {
      const { width, height } = window;
      const index = stream.integer(kernels.count);
      const data = convolve(sharp, kernel(index, Math.max(sharp.width, sharp.height)), border, window);
      if (noise > 0) for (let i = 0; i < data.length; i++) data[i]! += stream.normal(0, noise);
      return { width, height, data: quantize ? rounded(data) : data };
    };
  }
}
