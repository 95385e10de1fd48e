import { Type, type Static } from '@sinclair/typebox';
import { UserError, type Random, type Stream } from '@dualprior/core';
import { whole, type Image } from '../images/image.ts';
import { kernels } from '../kernels/kernels.ts';
import { quantized, quantizeOption } from './pixels/quantize.ts';
import { convolve, convolveToBytes } from './pixels/convolve.ts';
import { dense, taps as tapsOf, type Taps } from './pixels/taps.ts';
import { surroundings } from './pixels/surroundings.ts';
import type { DrawBlur } from './on-device/drawn-blur.ts';
import { degradations, type Degradation, type Degrade } from './degradation.ts';
import { exposed, light } from './pixels/linear-light.ts';

const Options = Type.Object({
  kernels: kernels.option({ default: { type: 'camera-shake' }, description: 'family of blur kernels' }),
  border: Type.Union([Type.Literal('reflect'), Type.Literal('replicate'), Type.Literal('zero')], {
    default: 'reflect',
    description: 'padding: the mirrored image, its edge pixels, or black',
  }),
  noise: Type.Number({
    minimum: 0,
    maximum: 255,
    default: 0,
    description: 'standard deviation of Gaussian noise after the blur, in levels of 8 bits',
  }),
  quantize: quantizeOption,
  space: Type.Optional(
    Type.Union([Type.Literal('srgb'), Type.Literal('linear')], {
      description: 'blur pixel values (srgb, or absent), or the light that made them (linear), as a camera does',
    }),
  ),
  saturation: Type.Optional(
    Type.Number({
      minimum: 1,
      maximum: 100,
      description:
        'in linear space, the assumed brightness of clipped pixels, as a multiple of white, so that lamps leave bright traces; default: 1',
    }),
  ),
});

/** How many kernels a bound degradation keeps ready. */
const READY = 4096;

/**
 * Uniform motion blur: one kernel for the whole image, drawn from the data set's own family of `kernels.count`, at the
 * scale of the image's longer side. Noise comes after the blur, rounding last, as in a camera that writes a file.
 * In linear space the light is blurred, and clipped afterwards. Errors: `saturation` in another space.
 */
@degradations.component({
  type: 'motion-blur',
  description: 'convolution with a random kernel',
  options: Options,
  formerly: ({ space, ...counted }) => (space === 'linear' ? { ...counted, space } : counted),
})
export class MotionBlur implements Degradation {
  constructor(private readonly options: Static<typeof Options>) {
    if (options.saturation !== undefined && options.space !== 'linear') {
      throw new UserError('motion-blur: `saturation` is for light: it needs `space: linear`.');
    }
  }

  bind(random: Random): Degrade {
    const { border, noise, quantize, space, saturation = 1 } = this.options;
    const draw = this.#kernels(random);
    return (sharp, stream, window = whole(sharp)) => {
      const { width, height } = window;
      const { taps } = draw(sharp, stream);
      if (quantize && noise === 0 && space !== 'linear')
        return { width, height, data: convolveToBytes(sharp, taps, border, window) };
      const data =
        space === 'linear'
          ? exposed(convolve(light(sharp, saturation), taps, border, window))
          : convolve(sharp, taps, border, window);
      if (noise > 0) for (let i = 0; i < data.length; i++) data[i]! += stream.normal(0, noise);
      return quantized({ width, height, data }, quantize);
    };
  }

  bindForDevice(random: Random): DrawBlur {
    const { border, noise, quantize, space, saturation = 1 } = this.options;
    const draw = this.#kernels(random);
    return (sharp, stream, window = whole(sharp)) => {
      const { taps, side } = draw(sharp, stream);
      const reach = (side - 1) / 2;
      const isLight = space === 'linear';
      const image = isLight ? light(sharp, saturation) : sharp;
      return {
        width: window.width,
        height: window.height,
        around: surroundings(image, window, { left: reach, top: reach, right: reach, bottom: reach }, border),
        kernel: { side, weights: dense(taps, side) },
        noise: noise > 0 ? { deviation: noise, seed: [stream.uint32() | 0, stream.uint32() | 0] } : undefined,
        isLight,
        quantize,
      };
    };
  }

  /** Draws the kernel of an image. Those that were used before are kept. */
  #kernels(random: Random): (sharp: Image, stream: Stream) => ReadyKernel {
    const { kernels } = this.options;
    const ready = new Map<string, ReadyKernel>();
    return ({ width, height }, stream) => {
      const index = stream.integer(kernels.count);
      const key = `${index}/${Math.max(width, height)}`;
      const known = ready.get(key);
      if (known) return known;
      if (ready.size >= READY) ready.clear();
      const kernel = kernels.kernel(random, index, Math.max(width, height));
      const made = { taps: tapsOf(kernel), side: kernel.size };
      ready.set(key, made);
      return made;
    };
  }
}

interface ReadyKernel {
  readonly taps: Taps;
  readonly side: number;
}
