import { Kind, type Random } from '@dualprior/core';

/** A blur kernel: size x size, rows of float64, sum 1, centroid at the middle. */
export interface Kernel {
  readonly size: number;
  readonly data: Float64Array;
}

/** A family of blur kernels. */
export interface Kernels {
  /** How many different kernels a data set draws. */
  readonly count: number;
  /** Side of the canvas in pixels for an image whose side is `reference` (512 by default). */
  readonly size: number;
  /** Kernel `index` (0 .. count-1) of the family that `random` seeds, for images with this longer side in pixels. */
  kernel(random: Random, index: number, imageSide: number): Kernel;
}

export const kernels = new Kind<Kernels>('kernels', { called: 'set of kernels' });
