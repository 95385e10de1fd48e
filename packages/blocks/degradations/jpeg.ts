import { Type, type Static } from '@sinclair/typebox';
import type { Random, Stream } from '@dualprior/core';
import sharp from 'sharp';
import { opened, pixels } from './pixels/bytes.ts';
import { degradations, type Degradation, type Degrade } from './degradation.ts';
import { drawing, rangeOption } from './drawn/range.ts';

const Options = Type.Object({
  quality: rangeOption({
    minimum: 1,
    maximum: 100,
    default: [60, 95],
    description:
      "libjpeg's quality, rounded to a whole number, or [least, greatest], from which it is drawn for each image",
  }),
  chroma: Type.Union([Type.Literal('4:2:0'), Type.Literal('4:4:4')], {
    default: '4:2:0',
    description: 'chroma at half the resolution (as cameras write it) or at full resolution',
  }),
});

/** What a JPEG file leaves of the image. */
@degradations.component({ type: 'jpeg', description: 'compression by JPEG', options: Options })
export class Jpeg implements Degradation {
  readonly #quality: (stream: Stream) => number;

  constructor(private readonly options: Static<typeof Options>) {
    this.#quality = drawing(options.quality, 'quality');
  }

  bind(_random: Random): Degrade {
    const { chroma } = this.options;
    return async (image, stream) => {
      const quality = Math.round(this.#quality(stream));
      const file = await opened(image).jpeg({ quality, chromaSubsampling: chroma, optimiseCoding: false }).toBuffer();
      return pixels(sharp(file));
    };
  }
}
