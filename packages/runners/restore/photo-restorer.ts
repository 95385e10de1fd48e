import type { Size } from '@dualprior/blocks';
import type { Picture, RestoredPicture } from './picture.ts';
import type { Course } from './restore-picture.ts';

export interface RestoreCall {
  readonly signal: AbortSignal;
  /** Called with the share of the work that is done, from 0 to 1. */
  progress(share: number): void;
}

/** A restored picture, and how it came about. */
export interface Restored extends RestoredPicture, Course {
  /** How many faces were found, where faces are looked for. */
  readonly faces?: number;
  /** What is worth a line. */
  readonly notes?: readonly string[];
}

/** Restores pictures: in one piece, in tiles, or the faces in them. */
export interface PhotoRestorer {
  /** Errors: `UnusablePhoto` for a picture of a size that cannot be restored. */
  check(size: Size): void;
  /** Errors: as `check`; `Interrupted`; `UserError` if there is too little memory, or the result is not finite. */
  restore(picture: Picture, call: RestoreCall): Promise<Restored>;
  dispose(): void;
}
