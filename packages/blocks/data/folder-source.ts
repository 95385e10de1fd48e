import { join } from 'node:path';
import { Type, type Static, type TObject } from '@sinclair/typebox';
import { UserError, type Log } from '@dualprior/core';
import { decode } from './decode.ts';
import type { Listed } from './find-images.ts';
import type { Image, Size } from './image.ts';
import { inspect, type UsableImage } from './inspect.ts';
import { sourceOptions, type ImageSource } from './source.ts';

/** Options of data sets that lie in a folder `root`. */
export const folderOptions = {
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
};

type FolderOptions = Static<TObject<typeof folderOptions>> & { readonly root: string };

/** Which files of a folder a data set consists of, and what it calls them. */
export interface Layout {
  /** Errors: none, or not those that should be there. */
  find(): Listed;
  name(path: string): string;
}

/** Photographs in a folder. Corrupt and tiny files are skipped, each with a warning that names it; grey ones are used as RGB. */
export class FolderSource implements ImageSource {
  #images: readonly UsableImage[] = [];

  constructor(
    readonly options: FolderOptions,
    readonly layout: Layout,
    readonly log: Log,
  ) {}

  get count(): number {
    return this.#images.length;
  }

  get label(): string {
    return this.options.root;
  }

  name(index: number): string {
    return this.layout.name(this.#images[index]!.path);
  }

  size(index: number): Size {
    const { size } = this.options;
    return size === undefined ? this.#images[index]! : { width: size, height: size };
  }

  async prepare(found?: unknown): Promise<readonly UsableImage[]> {
    return (this.#images = (found as readonly UsableImage[] | undefined) ?? (await this.#find()));
  }

  async #find(): Promise<readonly UsableImage[]> {
    const { root, limit, minimumSide } = this.options;
    const found = this.layout.find();
    const { usable, warnings } = await inspect(root, found.paths, { minimumSide, limit });
    [...found.warnings, ...warnings].forEach((warning) => this.log.warn(warning));
    if (usable.length === 0) throw new UserError(`None of the ${found.paths.length} images in ${root} can be used.`);
    return usable;
  }

  async read(index: number): Promise<Image> {
    const file = join(this.options.root, this.#images[index]!.path);
    try {
      return await decode(file, this.options.size);
    } catch (error) {
      throw new UserError(`${file} cannot be read: ${(error as Error).message}`);
    }
  }
}
