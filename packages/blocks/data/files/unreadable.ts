import { UserError } from '@dualprior/core';

/** An image of a data set that cannot be read. */
export interface Unreadable {
  readonly index: number;
  readonly name: string;
  readonly file: string;
  /** Why, for display: `it is cut off`. */
  readonly reason: string;
  /** Whether a warning has said so already, when the data set was prepared. */
  readonly isKnown: boolean;
}

/** The error of `Dataset.read` for an image whose file is missing, damaged or closed to us. Any other error is not the image's fault. */
export class UnreadableImage extends UserError {
  constructor(
    readonly file: string,
    readonly reason: string,
    readonly isKnown: boolean,
  ) {
    super(`${file} cannot be read: ${reason}.`);
  }

  /** The record of this image of a data set. */
  of(index: number, name: string): Unreadable {
    const { file, reason, isKnown } = this;
    return { index, name, file, reason, isKnown };
  }
}

const PERCENT = 0.01;
const SHOWN = 5;

/**
 * Errors: more than one file, and more than 1 % of the images, cannot be read. So many are no accident: a disk is failing, a folder is not
 * mounted, or a copy is incomplete.
 * @param images of the data set, those that cannot be read included
 */
export function refuseTooMany(unreadable: readonly Omit<Unreadable, 'index' | 'name'>[], images: number): void {
  const files = new Map(unreadable.map(({ file, reason }) => [file, reason]));
  if (files.size <= 1 || unreadable.length <= PERCENT * images) return;
  const lines = [...files].slice(0, SHOWN).map(([file, reason]) => `  ${file}: ${reason}`);
  if (files.size > SHOWN) lines.push(`  and ${files.size - SHOWN} more`);
  throw new UserError(
    `${unreadable.length} of ${images} images cannot be read, and at most 1 % may be:\n${lines.join('\n')}\n` +
      '  Restore these files, or take them out of the folder.',
  );
}
