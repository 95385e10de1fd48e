import { join } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import { LOG, pathOption, UserError, type Log } from '@dualprior/core';
import { datasets } from './dataset.ts';
import { decode } from './decode.ts';
import { findImages, readList } from './find-images.ts';
import type { Image, Size } from './image.ts';
import { inspect, type UsableImage } from './inspect.ts';
import { SourceDataset, sourceOptions, type ImageSource } from './source.ts';

const Options = Type.Object({
  root: pathOption({ description: 'folder of png, jpg and webp images, nested folders included' }),
  list: Type.Optional(
    pathOption({ description: 'text file that names the images to use, as paths below `root`, one a line' }),
  ),
  size: Type.Optional(
    Type.Integer({
      minimum: 8,
      maximum: 8192,
      description: 'the middle square is resized to this side, in pixels; absent: images stay as they are',
    }),
  ),
  minimumSide: Type.Integer({
    minimum: 1,
    default: 16,
    description: 'images with a shorter side are skipped with a warning, in pixels',
  }),
  ...sourceOptions,
});

/**
 * Photographs in a folder. Corrupt and tiny files are skipped, each with a warning that names it; grey ones are used as RGB.
 */
@datasets.component({ type: 'image-folder', description: 'images in a folder', options: Options, inject: [LOG] })
export class ImageFolder extends SourceDataset {
  constructor(options: Static<typeof Options>, log: Log) {
    super(new FolderSource(options, log), options);
  }
}

class FolderSource implements ImageSource {
  #images: readonly UsableImage[] = [];

  constructor(
    readonly options: Static<typeof Options>,
    readonly log: Log,
  ) {}

  get count(): number {
    return this.#images.length;
  }

  get label(): string {
    return this.options.root;
  }

  name(index: number): string {
    return this.#images[index]!.name;
  }

  size(index: number): Size {
    const { size } = this.options;
    return size === undefined ? this.#images[index]! : { width: size, height: size };
  }

  async prepare(found?: unknown): Promise<readonly UsableImage[]> {
    return (this.#images = (found as readonly UsableImage[] | undefined) ?? (await this.#find()));
  }

  async #find(): Promise<readonly UsableImage[]> {
    const { root, list, limit, minimumSide } = this.options;
    const found = list === undefined ? { paths: findImages(root), warnings: [] } : readList(root, list);
    const { length } = found.paths;
    if (length === 0) throw new UserError(`The folder ${root} has no png, jpg or webp images.`);
    const { usable, warnings } = await inspect(root, found.paths, { minimumSide, limit });
    [...found.warnings, ...warnings].forEach((warning) => this.log.warn(warning));
    if (usable.length === 0) throw new UserError(`None of the ${length} images in ${root} can be used.`);
    return usable;
  }

  async read(index: number): Promise<Image> {
    const file = join(this.options.root, this.name(index));
    try {
      return await decode(file, this.options.size);
    } catch (error) {
      throw new UserError(`${file} cannot be read: ${(error as Error).message}`);
    }
  }
}
