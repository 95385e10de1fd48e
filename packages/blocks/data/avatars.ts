import * as avataaars from '@dicebear/avataaars';
import { createAvatar } from '@dicebear/core';
import { Type, type Static } from '@sinclair/typebox';
import { Random } from '@dualprior/core';
import sharp from 'sharp';
import { datasets } from './dataset.ts';
import type { Image } from './image.ts';
import { SourceDataset, sourceOptions, type ImageSource } from './source.ts';

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
@datasets.component({ type: 'avatars', description: 'drawn faces, endless and seeded', options: Options })
export class Avatars extends SourceDataset {
  constructor(options: Static<typeof Options>) {
    super(new AvatarSource(options.size, options.seed), options);
  }
}

class AvatarSource implements ImageSource {
  readonly count = Infinity;
  readonly label = 'avatars';

  constructor(
    readonly size: number,
    readonly seed: number,
  ) {}

  name(index: number): string {
    return `avatar-${index}`;
  }

  async prepare(): Promise<void> {}

  async read(index: number): Promise<Image> {
    const { size } = this;
    const face = createAvatar(avataaars, { seed: `${this.seed}/${index}`, size: size * OVERSAMPLING }).toString();
    const background = shading(new Random(this.seed), index, size * OVERSAMPLING);
    const drawn = await sharp(Buffer.from(background))
      .composite([{ input: Buffer.from(face) }])
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = drawn.info;
    const data = await sharp(drawn.data, { raw: { width, height, channels } })
      .resize(size, size, { kernel: 'lanczos3' })
      .raw()
      .toBuffer();
    return { width: size, height: size, data: new Uint8Array(data) };
  }
}

/** A background of two colours in a random direction, so that blur shows everywhere. */
function shading(random: Random, index: number, size: number): string {
  const stream = random.stream('background', index);
  const colour = () => `hsl(${stream.integer(360)} ${20 + stream.integer(60)}% ${35 + stream.integer(50)}%)`;
  const angle = stream.integer(360);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}">
    <linearGradient id="g" gradientTransform="rotate(${angle} 0.5 0.5)"><stop offset="0" stop-color="${colour()}"/><stop offset="1" stop-color="${colour()}"/></linearGradient>
    <rect width="100%" height="100%" fill="url(#g)"/></svg>`;
}
