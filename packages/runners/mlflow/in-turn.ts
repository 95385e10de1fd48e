import { aboutTheRun, ServerError } from './server-error.ts';

/**
 * Does some work for each item. What fails for one item and may succeed for others does not hold these up; anything else ends it at once.
 * Errors: the first failure.
 */
export async function inTurn<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  let failure: unknown;
  for (const item of items) {
    try {
      await work(item);
    } catch (error) {
      if (!(error instanceof ServerError) || !mayPassOthers(error)) throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
}

function mayPassOthers(error: ServerError): boolean {
  return (error.kind === 'busy' || error.kind === 'refused') && error.aboutRequest && !aboutTheRun(error);
}
