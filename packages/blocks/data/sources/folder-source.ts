import { join } from 'node:path';
import { Type, type Static, type TObject } from '@sinclair/typebox';
import { UserError, type Log, type Written } from '@dualprior/core';
import { SHARP, type OwnImages } from '../dataset.ts';
import type { Listed } from '../files/find-images.ts';
import type { Image, Size } from '../../images/image.ts';
import { foundAhead } from '../files/found-ahead.ts';
import { inspect, type FoundImage } from '../files/inspect.ts';
import { readImage } from '../files/read-image.ts';
import { sourceFacts, sourceOptions, type ImageSource } from './source.ts';
import { refuseTooMany, UnreadableImage } from '../files/unreadable.ts';

/** Options of data sets that lie in a folder `root`. */
export const folderOptions = {
  size: Type.Optional(
    Type.Integer({
      minimum: 8,
      maximum: 8192,
      description: 'the central square is resized to this side, in pixels; absent: images are not resized',
    }),
  ),
  minimumSide: Type.Integer({
    minimum: 1,
    default: 16,
    description: 'images with a shorter side are skipped with a warning, in pixels',
  }),
  cache: Type.Optional(
    Type.Object(
      {
        on: Type.Union([Type.Literal('memory'), Type.Literal('disk')], {
          description: 'disk: in the folder `images` of the per-user cache, decoded and resized, for all trainings',
        }),
        mebibytes: Type.Integer({
          minimum: 1,
          description: 'maximum size of the cache; of a larger data set, as many images as fit are cached',
        }),
      },
      {
        additionalProperties: false,
        'x-identity': false,
        description: 'caches decoded images, so that they are decoded once; default: up to 512 MiB of memory',
      },
    ),
  ),
  ...sourceOptions,
};

type FolderOptions = Static<TObject<typeof folderOptions>> & { readonly root: string };

/** What these options say (`OwnImages`). */
export function folderFacts({
  root,
  size,
  ...options
}: Written<TObject<typeof folderOptions>> & { readonly root: string }): Omit<OwnImages, 'source'> {
  return { files: [root], size, ...sourceFacts(options) };
}

/** `Declaration.part`: sharp images depend on the seed only where some are held out. */
export function folderPart(name: string, options: Static<TObject<typeof sourceOptions>>): object {
  const { degradation: _, ...sharp } = options;
  if (name !== SHARP) return options;
  return sharp.holdOut > 0 ? sharp : { ...sharp, seed: 0 };
}

/** Which files of a folder a data set consists of, and what it calls them. */
export interface Layout {
  /** Equal for layouts that find the same. */
  readonly key: string;
  /** Errors: none, or not those that should be there. */
  find(): Listed;
  name(path: string): string;
  /** As that of `Dataset`. */
  checkList?(): void;
}

/**
 * Photographs in a folder. Tiny files are skipped, and those that cannot be read are left out, each with a warning that names it; grey ones are
 * used as RGB.
 */
export class FolderSource implements ImageSource {
  #images: readonly FoundImage[] = [];

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

  size(index: number): Size | undefined {
    const image = this.#images[index]!;
    if ('corrupt' in image) return undefined;
    const { size } = this.options;
    return size === undefined ? image : { width: size, height: size };
  }

  file(index: number): string {
    return join(this.options.root, this.#images[index]!.path);
  }

  checkList(): void {
    this.layout.checkList?.();
  }

  async prepare(found?: unknown): Promise<readonly FoundImage[]> {
    return (this.#images = (found as readonly FoundImage[] | undefined) ?? (await this.#find()));
  }

  async #find(): Promise<readonly FoundImage[]> {
    const { root, limit, minimumSide } = this.options;
    const found = foundAhead.take(this.layout.key) ?? this.layout.find();
    const { images, warnings } = await inspect(root, found.paths, { minimumSide, limit });
    found.notes.forEach((note) => this.log.info(`  ${note}`));
    [...found.warnings, ...warnings].forEach((warning) => this.log.warn(warning));
    const corrupt = images.flatMap((image) =>
      'corrupt' in image ? [{ file: join(root, image.path), reason: image.corrupt, isKnown: true }] : [],
    );
    if (corrupt.length === images.length) {
      throw new UserError(`None of the ${found.paths.length} images in ${root} can be used.`);
    }
    refuseTooMany(corrupt, images.length);
    return images;
  }

  async read(index: number): Promise<Image> {
    const [image, file] = [this.#images[index]!, this.file(index)];
    if ('corrupt' in image) throw new UnreadableImage(file, image.corrupt, true);
    return readImage(file, this.options.size);
  }
}
