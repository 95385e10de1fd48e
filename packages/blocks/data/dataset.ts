import { Kind, type Random, type Stream } from '@dualprior/core';
import type { DrawBlur } from '../degradations/on-device/drawn-blur.ts';
import type { Image, Size, Window } from '../images/image.ts';

/**
 * Pairs of a sharp and a degraded image, by index. The degraded one is made of the sharp one, or has a file of its own; a data set may
 * also have one of the two only. Batch size, crop and augmentation belong to the stage.
 * What `read`, `readDegraded` and `degrade` return is a pure function of their arguments and the data set's options.
 */
export interface Dataset {
  /** How many images there are; `Infinity` for drawn ones without a limit. Known after `prepare`. */
  readonly length: number;
  /** The data set's own source of randomness, from its seed. */
  readonly random: Random;
  /** Name of an image as it stands in the per-image CSV, e.g. `0412.jpg`. */
  name(index: number): string;
  /** Width and height of an image, or undefined where it is known that it cannot be read. Known after `prepare`. */
  size(index: number): Size | undefined;
  /** The file that the image is read from, or undefined where it is drawn. Known after `prepare`. */
  file(index: number): string | undefined;
  /** Whether it has sharp images. Photographs that came degraded have none: they can be restored, not trained on. */
  readonly hasSharp: boolean;
  /** Where degraded images come from: `degrade` makes them of the sharp ones, `readDegraded` reads them, or there are none. */
  readonly degraded: 'made' | 'read' | 'none';
  /** The sharp image. Errors: `UnreadableImage` where its file is missing or damaged. Only where `hasSharp`. */
  read(index: number): Promise<Image>;
  /** The degraded image, of the size of the sharp one. Errors: as `read`. Only where `degraded` is `read`. */
  readDegraded?(index: number): Promise<Image>;
  /**
   * The degraded image of a sharp one, of equal size, or only the part of it in the window. `stream` decides what is random about it (which
   * kernel). Where `degraded` is not `made`, the image as it is.
   */
  degrade(sharp: Image, stream: Stream, window?: Window): Promise<Image>;
  /** Draws what `degrade` does for a device to compute (`blurOnDevice`). Undefined where a device cannot. */
  readonly drawBlur?: DrawBlur | undefined;
  /** The part held out of this data set, for validation, or undefined if there is none. */
  readonly heldOut: Dataset | undefined;
  /** Looks at no image. Errors: a list that names images which are not in a folder that is there. */
  checkList?(): void;
  /**
   * Makes ready what needs the disk (lists files, checks images). May be called again. Errors: too few images, or too many
   * that cannot be read.
   * @param found what `prepare` of the same data set returned in another thread: it need not be looked for again
   * @returns what was found, as plain values
   */
  prepare(found?: unknown): Promise<unknown>;
}

/** What the options of a data set say of its images (`Declaration.about`), before they are looked for. */
export type DatasetFacts = OwnImages | ImagesOfAnother;

/** Images of its own. */
export interface OwnImages {
  /** Files and folders that they are read from or listed in; none where they are drawn. */
  readonly files: readonly string[];
  /** What they are the images of: equal for data sets of one type that are of the same ones. */
  readonly source: Readonly<Record<string, unknown>>;
  /** Which part of the source: two parts of different names have no image in common. Default: all of it. */
  readonly split?: string | undefined;
  /** How many are used, those held out included; default all. */
  readonly limit?: number | undefined;
  /** How many are held out, chosen by the seed. */
  readonly holdOut: number;
  readonly seed: number;
  /** Side of the squares that they are, in pixels; default: they are of any size. */
  readonly size?: number | undefined;
  /** Names of their degradations, in order; default: none. */
  readonly degradation?: string | readonly string[] | undefined;
  /** Which images have files of their own: the sharp ones (default), both of a pair, or the degraded ones alone. */
  readonly has?: 'sharp' | 'pairs' | 'degraded' | undefined;
}

/** Images of another data set. */
export interface ImagesOfAnother {
  /** Its name. */
  readonly of: string;
  /** Those that it holds out, or those that it has. */
  readonly heldOut: boolean;
}

export const datasets = new Kind<Dataset, DatasetFacts>('dataset');

/** The part of a data set that a stage reads which never looks at degraded images (`Declaration.part`). */
export const SHARP = 'sharp';
