import type { Pixels } from '@dualprior/blocks/nn';

/** The colours of a picture in memory. Those of files are whole numbers from 0 to `white`. */
export interface Picture extends Pixels {
  /** The value of white: 255 or 65535; 1 of fractions. */
  readonly white: number;
}

/** What a network makes of a picture: fractions, also below 0 and above 1. */
export interface RestoredPicture extends Picture {
  readonly data: Float32Array;
  readonly white: 1;
}

/** One of the 255 steps of 8 bits, as a fraction. */
export const LEVEL = 1 / 255;

/** A fraction as a file can hold it. */
export function clipped(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
