import { Type, type Static, type TObject } from '@sinclair/typebox';
import { Random, reference, UserError, type Stream, type Written } from '@dualprior/core';
import { composed } from '../../degradations/drawn/composed.ts';
import type { Degradation, Degrade } from '../../degradations/degradation.ts';
import type { DrawBlur } from '../../degradations/on-device/drawn-blur.ts';
import type { Dataset, OwnImages } from '../dataset.ts';
import { whole, type Image, type Size, type Window } from '../../images/image.ts';
import { ImageCache, MEBIBYTE } from '../files/image-cache.ts';
import { KeptFiles } from '../files/kept-files.ts';
import { crop } from '../../images/transform.ts';

/** Where the images of a data set come from. */
export interface ImageSource {
  /** Count of images, or `Infinity`. Known after `prepare`. */
  readonly count: number;
  /** What a user would call the source in an error, e.g. its folder. */
  readonly label: string;
  name(index: number): string;
  /** These three as those of `Dataset`. */
  size(index: number): Size | undefined;
  file?(index: number): string;
  read(index: number): Promise<Image>;
  /** As that of `Dataset`, for a source of pairs or of degraded images. */
  readDegraded?(index: number): Promise<Image>;
  /** The file that it is read from, where that is another one than `file`. */
  degradedFile?(index: number): string;
  /** False for a source of degraded images alone. */
  readonly hasSharp?: boolean;
  /** These two as those of `Dataset`. */
  checkList?(): void;
  prepare(found?: unknown): Promise<unknown>;
}

const degradation = reference<Degradation>('degradations');

/** Options that data sets share. */
export const sourceOptions = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, description: 'use only this many images, the first ones, including held-out ones' }),
  ),
  holdOut: Type.Integer({
    minimum: 0,
    default: 0,
    description: 'number of images held out for validation, chosen at random; `{type: held-out, of: NAME}` names them',
  }),
  seed: Type.Integer({ minimum: 0, default: 0, description: 'determines degradations and held-out images' }),
  degradation: Type.Optional(
    Type.Union([degradation, Type.Array(degradation, { minItems: 1 })], {
      description:
        'a degradation, or a list of degradations in order; without it there are only sharp images, which suffice for a GAN',
    }),
  ),
};

/** Options of data sets that have their degraded images. */
export type PairOptions = Omit<Static<TObject<typeof sourceOptions>>, 'degradation'>;
type SourceOptions = Static<TObject<typeof sourceOptions>> & {
  readonly size?: number | undefined;
  readonly cache?: { readonly on: 'memory' | 'disk'; readonly mebibytes: number } | undefined;
};

/** What these options say (`OwnImages`). */
export function sourceFacts({
  limit,
  holdOut,
  seed,
  degradation,
}: Written<TObject<typeof sourceOptions>>): Pick<OwnImages, 'limit' | 'holdOut' | 'seed' | 'degradation'> {
  return { limit, holdOut, seed, degradation };
}

/** A data set of the images of a source. A part may be held out; it is a data set of its own. */
export class SourceDataset implements Dataset {
  readonly random: Random;
  readonly heldOut: Dataset | undefined;
  readonly hasSharp: boolean;
  readonly degraded: Dataset['degraded'];
  readonly drawBlur: DrawBlur | undefined;
  readonly #cache: ImageCache;
  readonly #files: KeptFiles | undefined;
  readonly #degrade: Degrade;
  #prepared: Promise<unknown> | undefined;
  #split: Split | undefined;

  constructor(
    readonly source: ImageSource,
    readonly options: SourceOptions,
  ) {
    this.random = new Random(options.seed);
    const { cache, size } = options;
    this.#cache = new ImageCache(cache?.on === 'memory' ? cache.mebibytes * MEBIBYTE : undefined);
    this.#files = cache?.on === 'disk' ? new KeptFiles(source, size, cache.mebibytes * MEBIBYTE) : undefined;
    this.hasSharp = source.hasSharp ?? true;
    this.degraded = source.readDegraded ? 'read' : options.degradation === undefined ? 'none' : 'made';
    const degradations = [options.degradation ?? []].flat();
    this.#degrade = composed(degradations, this.random);
    this.drawBlur = degradations.length === 1 ? degradations[0]!.bindForDevice?.(this.random) : undefined;
    this.heldOut = options.holdOut > 0 ? new HeldOutPart(this) : undefined;
  }

  get length(): number {
    return this.#ready.length;
  }

  name(index: number): string {
    return this.source.name(this.#ready.image(index));
  }

  size(index: number): Size | undefined {
    return this.source.size(this.#ready.image(index));
  }

  file(index: number): string | undefined {
    return this.source.file?.(this.#ready.image(index));
  }

  read(index: number): Promise<Image> {
    const image = this.#ready.image(index);
    const returns = Number.isFinite(this.length);
    return returns ? this.readSource(image) : this.source.read(image);
  }

  readDegraded(index: number): Promise<Image> {
    return this.readSourceDegraded(this.#ready.image(index));
  }

  async degrade(sharp: Image, stream: Stream, window: Window = whole(sharp)): Promise<Image> {
    const degraded = await this.#degrade(sharp, stream, window);
    checkSize(degraded, sharp, window);
    return degraded.width === window.width && degraded.height === window.height ? degraded : crop(degraded, window);
  }

  checkList(): void {
    this.source.checkList?.();
  }

  prepare(found?: unknown): Promise<unknown> {
    return (this.#prepared ??= this.#prepare(found));
  }

  /** Numbers, in the source, of the images held out. */
  get heldOutImages(): readonly number[] {
    return this.#ready.heldOut;
  }

  /** Reads an image that will be read again. */
  readSource(image: number): Promise<Image> {
    const read = () => this.source.read(image);
    return this.#cache.get(image, () => this.#files?.get(image, this.source.file?.(image), read) ?? read());
  }

  /** Reads a degraded image that will be read again. It is kept beside the sharp one: -1 - i is the number of image i's. */
  readSourceDegraded(image: number): Promise<Image> {
    const { source } = this;
    if (!source.readDegraded) throw new Error('The source has no degraded images of its own.');
    const read = () => source.readDegraded!(image);
    const file = source.degradedFile ? source.degradedFile(image) : source.file?.(image);
    return this.#cache.get(-1 - image, () => this.#files?.get(image, file, read) ?? read());
  }

  get #ready(): Split {
    if (!this.#split) throw new Error('A data set was used before it was prepared.');
    return this.#split;
  }

  async #prepare(known: unknown): Promise<unknown> {
    this.#files?.prepare();
    const found = await this.source.prepare(known);
    const count = Math.min(this.source.count, this.options.limit ?? Infinity);
    const { holdOut } = this.options;
    if (holdOut >= count) {
      const within = count === this.options.limit ? ' within `limit`' : '';
      throw new UserError(
        `${this.source.label} has ${count} usable image${count === 1 ? '' : 's'}${within}, of which ${holdOut} should be held out: none would be left.`,
      );
    }
    this.#split = split(count, holdOut, this.random);
    return found;
  }
}

/** Errors: degradations have changed the size of an image. */
function checkSize(degraded: Size, sharp: Size, window: Size): void {
  if ([sharp, window].some(({ width, height }) => degraded.width === width && degraded.height === height)) return;
  throw new UserError(
    `The degradations make an image of ${degraded.width}x${degraded.height} of one of ${sharp.width}x${sharp.height}. ` +
      'End them with `{type: resize, of: original}`.',
  );
}

/** Which images of a source are held out, and which is the i-th of the others. */
interface Split {
  readonly length: number;
  readonly heldOut: readonly number[];
  image(index: number): number;
}

function split(count: number, holdOut: number, random: Random): Split {
  if (!Number.isFinite(count)) {
    const heldOut = Array.from({ length: holdOut }, (_, i) => i);
    return { length: Infinity, heldOut, image: (index) => index + holdOut };
  }
  const order = random.stream('hold-out').permutation(count);
  const ascending = (a: number, b: number) => a - b;
  const heldOut = order.slice(0, holdOut).sort(ascending);
  const rest = order.slice(holdOut).sort(ascending);
  return { length: rest.length, heldOut, image: (index) => rest[index]! };
}

/** The held-out part of a data set: its images with its degradation. */
class HeldOutPart implements Dataset {
  readonly heldOut = undefined;

  constructor(readonly whole: SourceDataset) {}

  get random(): Random {
    return this.whole.random;
  }

  get length(): number {
    return this.whole.heldOutImages.length;
  }

  name(index: number): string {
    return this.whole.source.name(this.whole.heldOutImages[index]!);
  }

  size(index: number): Size | undefined {
    return this.whole.source.size(this.whole.heldOutImages[index]!);
  }

  file(index: number): string | undefined {
    return this.whole.source.file?.(this.whole.heldOutImages[index]!);
  }

  read(index: number): Promise<Image> {
    return this.whole.readSource(this.whole.heldOutImages[index]!);
  }

  get hasSharp(): boolean {
    return this.whole.hasSharp;
  }

  get degraded(): Dataset['degraded'] {
    return this.whole.degraded;
  }

  readDegraded(index: number): Promise<Image> {
    return this.whole.readSourceDegraded(this.whole.heldOutImages[index]!);
  }

  degrade(sharp: Image, stream: Stream, window?: Window): Promise<Image> {
    return this.whole.degrade(sharp, stream, window);
  }

  get drawBlur(): DrawBlur | undefined {
    return this.whole.drawBlur;
  }

  prepare(found?: unknown): Promise<unknown> {
    return this.whole.prepare(found);
  }
}
