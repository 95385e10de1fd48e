import { Kind, type Random, type Stream } from '@dualprior/core';
import type { Image, Size, Window } from '../images/image.ts';
import type { DrawBlur } from './on-device/drawn-blur.ts';

/**
 * Degrades an image. `stream` decides what is random. Only the part in the window is needed: a degradation may return that part alone, the
 * same as in the whole image (but noise of single pixels, which may be drawn for the part alone), or pass over the window and return all.
 * `original` is the size that the image had before other degradations; by default its own.
 */
export type Degrade = (sharp: Image, stream: Stream, window?: Window, original?: Size) => Image | Promise<Image>;

/** A degradation of an image. */
export interface Degradation {
  /**
   * Binds the degradation to a data set: `random` is the data set's own source (its kernels are drawn from it, so
   * training and test share none), `stream` of each call decides what is random about one image.
   */
  bind(random: Random): Degrade;
  /** The same for a device (`runtime.degrade: device`). Absent where only the processor can compute it. */
  bindForDevice?(random: Random): DrawBlur;
}

export const degradations = new Kind<Degradation>('degradation');
