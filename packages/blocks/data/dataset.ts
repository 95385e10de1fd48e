import { Kind, type Random, type Stream } from '@dualprior/core';
import type { Image, Size, Window } from '../images/image.ts';

/**
 * Sharp images by index, and how they are degraded. Batch size, crop and augmentation belong to the stage.
 * What `read` and `degrade` return is a pure function of their arguments and the data set's options.
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
  /** The sharp image. Errors: `UnreadableImage` where its file is missing or damaged. */
  read(index: number): Promise<Image>;
  /** Whether its images are degraded: without a degradation `degrade` returns the sharp image. */
  readonly degrades: boolean;
  /**
   * The degraded image, of equal size, or only the part of it in the window. `stream` decides what is random about it (which kernel).
   */
  degrade(sharp: Image, stream: Stream, window?: Window): Promise<Image>;
  /** The part held out of this data set, for validation, or undefined if there is none. */
  readonly heldOut: Dataset | undefined;
  /**
   * Makes ready what needs the disk (lists files, checks images). May be called again. Errors: too few images, or too many
   * that cannot be read.
   * @param found what `prepare` of the same data set returned in another thread: it need not be looked for again
   * @returns what was found, as plain values
   */
  prepare(found?: unknown): Promise<unknown>;
}

export const datasets = new Kind<Dataset>('dataset');

/** The part of a data set that a stage reads which never looks at degraded images (`Declaration.part`). */
export const SHARP = 'sharp';
