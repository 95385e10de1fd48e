import { Type, type Static } from '@sinclair/typebox';
import { UserError, type Random, type Stream } from '@dualprior/core';
import { interpolate, type Interpolation } from '../images/interpolate.ts';
import { degradations, type Degradation, type Degrade } from './degradation.ts';
import { quantized, quantizeOption } from './pixels/quantize.ts';
import { drawing, rangeOption } from './drawn/range.ts';

const mode = Type.Union([Type.Literal('area'), Type.Literal('bilinear'), Type.Literal('bicubic')]);

const Options = Type.Object({
  of: Type.Union([Type.Literal('current'), Type.Literal('original')], {
    default: 'current',
    description: 'reference of the new size: the size at this step, or that before all degradations',
  }),
  scale: Type.Optional(
    rangeOption({
      minimum: 0.01,
      maximum: 16,
      description:
        'how many times larger, or [least, greatest], from which it is drawn for each image; without it and `factor` 1',
    }),
  ),
  factor: Type.Optional(
    rangeOption({
      minimum: 0.0625,
      maximum: 100,
      description:
        'instead of `scale`: how many times smaller, or [least, greatest], from which it is drawn for each image',
    }),
  ),
  mode: Type.Union([mode, Type.Array(mode, { minItems: 1 })], {
    default: 'bilinear',
    description: 'interpolation without antialiasing, or several, of which one is drawn for each image',
  }),
  quantize: quantizeOption,
});

/** Another size. A list of degradations must come back to the original one: `{type: resize, of: original}`. */
@degradations.component({ type: 'resize', description: 'resizing, which a later step must undo', options: Options })
export class Resize implements Degradation {
  readonly #scale: (stream: Stream) => number;

  constructor(private readonly options: Static<typeof Options>) {
    const { scale, factor } = options;
    if (scale !== undefined && factor !== undefined) {
      throw new UserError('resize: `scale` and `factor` both say the new size; leave one out.');
    }
    const smaller = factor === undefined ? undefined : drawing(factor, 'factor');
    this.#scale = smaller ? (stream) => 1 / smaller(stream) : drawing(scale ?? 1, 'scale');
  }

  bind(_random: Random): Degrade {
    const { of, quantize } = this.options;
    return (image, stream, _window, original = image) => {
      const { width, height } = of === 'current' ? image : original;
      const scale = this.#scale(stream);
      const [w, h] = [width, height].map((length) => Math.max(1, Math.floor(length * scale))) as [number, number];
      return quantized(interpolate(image, w, h, this.#mode(stream)), quantize);
    };
  }

  #mode(stream: Stream): Interpolation {
    const { mode } = this.options;
    return typeof mode === 'string' ? mode : mode[stream.integer(mode.length)]!;
  }
}
