import * as avataaars from '@dicebear/avataaars';
import { createAvatar } from '@dicebear/core';
import { Type, type Static } from '@sinclair/typebox';
import { Random, type SpecWithOptions } from '@dualprior/core';
import sharp from 'sharp';
import { datasets, SHARP, type OwnImages } from './dataset.ts';
import type { Image, Size } from '../images/image.ts';
import { SourceDataset, sourceFacts, sourceOptions, type ImageSource } from './sources/source.ts';

const Options = Type.Object({
  size: Type.Integer({ minimum: 8, maximum: 2048, default: 64, description: 'side of the square images, in pixels' }),
  ...sourceOptions,
});

/** Drawn larger by this and scaled down, so that edges are smooth. */
const OVERSAMPLING = 2;

/**
 * Drawn faces (the style Avataaars by Pablo Stanley, as DiceBear draws it) on shaded backgrounds: an endless, seeded data
 * set that needs no download. Image i is a pure function of the seed and i.
 */
@datasets.component({
  type: 'avatars',
  description: 'drawn faces, endless and seeded',
  options: Options,
  about: ({ size, ...options }) => ({ files: [], source: { seed: options.seed }, size, ...sourceFacts(options) }),
  part: (name, { degradation, ...sharp }) => (name === SHARP ? sharp : { ...sharp, degradation }),
})
export class Avatars extends SourceDataset {
  constructor(options: Static<typeof Options>) {
    super(new AvatarSource(options.size, options.seed), options);
  }
}

/** Side of drawn images where those that they stand for are of any size. */
const SIDE = 256;
/** How many are drawn at most, beside those held out. */
const DRAWN = 64;

/** The degradation of drawn images that replace images which were degraded already. */
const STAND_IN = { name: 'stand-in', spec: { type: 'motion-blur' } };

/** Entries of an experiment. */
interface DrawnInstead {
  readonly data: SpecWithOptions;
  readonly degradations: Readonly<Record<string, SpecWithOptions>>;
}

/**
 * A data set of drawn images in place of one whose files are missing: as many, of the same size, degraded in the same way; blurred where
 * the files of degraded images are missing as well.
 */
export function drawnInstead({ size, limit, holdOut, seed, degradation, has = 'sharp' }: OwnImages): DrawnInstead {
  const count = holdOut + Math.min(limit ?? DRAWN, DRAWN);
  const isMade = has === 'sharp';
  return {
    data: {
      type: 'avatars',
      size: size ?? SIDE,
      limit: count,
      holdOut,
      seed,
      degradation: isMade ? degradation : STAND_IN.name,
    },
    degradations: isMade ? {} : { [STAND_IN.name]: STAND_IN.spec },
  };
}

class AvatarSource implements ImageSource {
  readonly count = Infinity;
  readonly label = 'avatars';

  constructor(
    readonly side: number,
    readonly seed: number,
  ) {}

  name(index: number): string {
    return `avatar-${index}`;
  }

  size(): Size {
    return { width: this.side, height: this.side };
  }

  async prepare(): Promise<void> {}

  async read(index: number): Promise<Image> {
    const { side } = this;
    const drawing = drawn(this.seed, index, side * OVERSAMPLING);
    const data = await sharp(Buffer.from(drawing))
      .resize(side, side, { kernel: 'lanczos3' })
      .removeAlpha()
      .raw()
      .toBuffer();
    return { width: side, height: side, data: new Uint8Array(data) };
  }
}

/** SVG of a face before a background that shades from one colour to another in any direction, so that blur shows everywhere. */
function drawn(seed: number, index: number, size: number): string {
  const stream = new Random(seed).stream('background', index);
  const colour = () => `hsl(${stream.integer(360)} ${20 + stream.integer(60)}% ${35 + stream.integer(50)}%)`;
  const angle = stream.integer(360);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}">
    <linearGradient id="shading" gradientTransform="rotate(${angle} 0.5 0.5)"><stop offset="0" stop-color="${colour()}"/><stop offset="1" stop-color="${colour()}"/></linearGradient>
    <rect width="${size}" height="${size}" fill="url(#shading)"/>
    ${createAvatar(avataaars, { seed: `${seed}/${index}`, size }).toString()}</svg>`;
}
