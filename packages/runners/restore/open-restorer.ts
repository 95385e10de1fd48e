import { FaceDetector } from '@dualprior/blocks';
import { UserError } from '@dualprior/core';
import { FaceRestorer } from './face-restorer.ts';
import type { OpenMethod } from './open-method.ts';
import type { PhotoRestorer } from './photo-restorer.ts';
import { PictureRestorer, type RestorerOptions } from './picture-restorer.ts';

export interface PhotoOptions extends RestorerOptions {
  /** Whether the photographs are crops already, of the size that a method for aligned faces takes. */
  readonly aligned?: boolean | undefined;
  /** Whether a photograph of exactly that size is a crop, while faces are found in others. */
  readonly takesCrops?: boolean | undefined;
}

/**
 * What restores photographs with a method: a method for aligned faces the faces in them.
 * @param openBackground opens what restores all around them, where anything does
 * Errors: `UserError` for `aligned` or a background where they have no meaning, and tiles that the method cannot have.
 */
export async function openRestorer(
  open: OpenMethod,
  { aligned, takesCrops, ...options }: PhotoOptions,
  openBackground?: () => Promise<OpenMethod>,
): Promise<PhotoRestorer> {
  const { size, isForAlignedFaces } = open.method;
  if (!isForAlignedFaces || size === undefined) {
    if (!aligned && !openBackground) return new PictureRestorer(open, options);
    const flag = aligned ? '--aligned' : '--background';
    throw new UserError(
      `${flag} is for methods of aligned faces, but ${open.name} restores whole photographs: leave it out.`,
    );
  }
  if (aligned) {
    if (!openBackground) return new PictureRestorer(open, options);
    throw new UserError(
      '--background restores all around faces, but a crop (--aligned) shows nothing else: leave one out.',
    );
  }
  const background = openBackground && new PictureRestorer(wholePictures(await openBackground()), options);
  const faces = new PictureRestorer(open, { ensemble: options.ensemble });
  return new FaceRestorer({ faces, side: size, background, finder: new FaceDetector(), takesCrops });
}

/** Errors: the method takes pictures of one size. */
function wholePictures(open: OpenMethod): OpenMethod {
  const { size } = open.method;
  if (size === undefined) return open;
  throw new UserError(
    `--background: ${open.name} takes ${size}x${size} only. Give a method that restores whole photographs.`,
  );
}
