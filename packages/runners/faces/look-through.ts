import { damageOf, decode, FaceDetector, type Face, type Image } from '@dualprior/blocks';
import { Interrupted } from '@dualprior/core';
import type { Console } from '../console/console.ts';

/** An image of which there is no result, and why. */
export interface Failure {
  readonly file: string;
  readonly reason: string;
}

/** An image with its faces, or why it cannot be read. */
export type Found = { readonly image: Image; readonly faces: readonly Face[] } | Failure;

interface Options {
  /** What is done with the faces, for the progress: `aligning`. */
  readonly doing: string;
  /** The images' middle squares are resized to this side, in pixels; absent: they stay as they are. */
  readonly side?: number | undefined;
  readonly console: Console;
  readonly signal: AbortSignal;
}

/**
 * Finds the faces in images, one image after the other.
 * @param visit gets an image with its faces, or why it cannot be read, and the image's place; it returns what the progress says
 * Errors: `Interrupted`; those that are not about one image; those of `visit`.
 */
export async function lookThrough(
  files: readonly string[],
  { doing, side, console, signal }: Options,
  visit: (found: Found, index: number) => Promise<string> | string,
): Promise<void> {
  const detector = new FaceDetector();
  const progress = console.progress(doing, files.length, 0, 'images');
  try {
    for (const [i, file] of files.entries()) {
      if (signal.aborted) throw new Interrupted();
      const image = await decode(file, side).catch((error: unknown) => unreadable(file, error));
      const found = 'reason' in image ? image : { image, faces: await detector.find(image) };
      progress.update(i + 1, await visit(found, i));
    }
  } finally {
    progress.stop();
    detector.dispose();
  }
}

/** Why an image cannot be read, by the decoder's error. Errors: those that are not about this file. */
function unreadable(file: string, error: unknown): Failure {
  if (!(error instanceof Error)) throw error;
  return { file, reason: damageOf(file, error) };
}
