import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { datasets, whole, type Dataset, type Image, type Size, type Window } from '@dualprior/blocks';
import { pathOption, Random, type Stream } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import sharp from 'sharp';

const Options = Type.Object({
  where: pathOption({ description: 'folder of PNG files' }),
  edge: Type.Integer({ minimum: 8, default: 16, description: 'side, in pixels' }),
  spared: Type.Integer({ minimum: 0, default: 0, description: 'images held out: the last ones' }),
});

type FolderOptions = Static<typeof Options>;

/** Photographs, darkened: a data set as someone else may write it, with names of options that nobody here knows. */
@datasets.component({
  type: 'foreign-photos',
  description: 'a data set for tests',
  options: Options,
  about: ({ where, edge, spared }) => ({ files: [where], source: { where }, size: edge, holdOut: spared, seed: 0 }),
})
export class ForeignPhotos implements Dataset {
  readonly random = new Random(0);
  readonly hasSharp = true;
  readonly degraded = 'made';
  readonly heldOut: Dataset | undefined;
  readonly #range: readonly [number, number | undefined];
  #names: readonly string[] = [];

  constructor(
    private readonly options: FolderOptions,
    isHeldOut = false,
  ) {
    if (options.spared > 0 && !isHeldOut) this.heldOut = new ForeignPhotos(options, true);
    this.#range = isHeldOut ? [-options.spared, undefined] : [0, options.spared > 0 ? -options.spared : undefined];
  }

  get length(): number {
    return this.#names.length;
  }

  name(index: number): string {
    return this.#names[index]!;
  }

  size(): Size {
    return { width: this.options.edge, height: this.options.edge };
  }

  file(index: number): string {
    return join(this.options.where, this.name(index));
  }

  async read(index: number): Promise<Image> {
    const { width, height } = this.size();
    const data = await sharp(this.file(index)).resize(width, height).removeAlpha().raw().toBuffer();
    return { width, height, data: new Uint8Array(data) };
  }

  async degrade(image: Image, _stream: Stream, { left, top, width, height }: Window = whole(image)): Promise<Image> {
    const dark = image.data.map((value) => value / 2);
    const raw = { width: image.width, height: image.height, channels: 3 } as const;
    const data = await sharp(dark, { raw }).extract({ left, top, width, height }).raw().toBuffer();
    return { width, height, data: new Uint8Array(data) };
  }

  async prepare(): Promise<void> {
    this.#names = readdirSync(this.options.where)
      .sort()
      .slice(...this.#range);
  }
}
