import { Type, type Static } from '@sinclair/typebox';
import type { Random, Stream } from '@dualprior/core';
import { opened, pixels } from './pixels/bytes.ts';
import { degradations, type Degradation, type Degrade } from './degradation.ts';
import { drawing, rangeOption } from './drawn/range.ts';

const kernel = (which: string) =>
  Type.Union(
    [
      Type.Literal('nearest'),
      Type.Literal('linear'),
      Type.Literal('cubic'),
      Type.Literal('mitchell'),
      Type.Literal('lanczos2'),
      Type.Literal('lanczos3'),
    ],
    { default: 'linear', description: `interpolation ${which}` },
  );

const Options = Type.Object({
  factor: rangeOption({
    minimum: 1,
    maximum: 64,
    default: [1, 4],
    description: 'how many times smaller, or [least, greatest], from which it is drawn for each image',
  }),
  down: kernel('of the smaller image; wide enough that nothing is left out, but for `nearest`'),
  up: kernel('back to the size before'),
});

/** A smaller image, enlarged to its size again: what a camera or a file of fewer pixels leaves. The smaller one has 8 bits. */
@degradations.component({ type: 'downsample', description: 'fewer pixels, enlarged again', options: Options })
export class Downsample implements Degradation {
  readonly #factor: (stream: Stream) => number;

  constructor(private readonly options: Static<typeof Options>) {
    this.#factor = drawing(options.factor, 'factor');
  }

  bind(_random: Random): Degrade {
    const { down, up } = this.options;
    return async (image, stream) => {
      const { width, height } = image;
      const factor = this.#factor(stream);
      const [w, h] = [width, height].map((length) => Math.max(1, Math.round(length / factor))) as [number, number];
      const small = await pixels(opened(image).resize(w, h, { fit: 'fill', kernel: down, fastShrinkOnLoad: false }));
      return pixels(opened(small).resize(width, height, { fit: 'fill', kernel: up }));
    };
  }
}
