import { Kind, type Random, type Stream } from '@dualprior/core';
import type { Image } from '../data/image.ts';

/** Something that spoils an image. */
export interface Degradation {
  /**
   * Binds the degradation to a data set: `random` is the data set's own source (its kernels are drawn from it, so
   * training and test share none), `stream` of each call decides what is random about one image.
   */
  bind(random: Random): (sharp: Image, stream: Stream) => Image;
}

export const degradations = new Kind<Degradation>('degradation');
