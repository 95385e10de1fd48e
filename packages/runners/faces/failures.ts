import { damageOf } from '@dualprior/blocks';

/** An image of which there is no result, and why. */
export interface Failure {
  readonly file: string;
  readonly reason: string;
}

/** Why an image cannot be read, by the decoder's error. Errors: those that are not about this file. */
export function unreadable(file: string, error: unknown): Failure {
  if (!(error instanceof Error)) throw error;
  return { file, reason: damageOf(file, error) };
}
