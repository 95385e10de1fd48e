import { existsSync } from 'node:fs';
import { Interrupted, publishedFile, UserError, type PublishedWeights } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import { fileSize } from '../console/file-size.ts';
import { download } from './download.ts';

const MB = 1e6;

/** What became of weights that were asked for. */
interface Fetched {
  readonly name: string;
  readonly path: string;
  readonly state: 'there' | 'downloaded' | 'missing';
}

/**
 * Gets published weights into the cache, one after the other, with progress. Those that cannot be downloaded are reported together at the end.
 * Errors: `UserError` with all that are missing then, and where to put them; `Interrupted`, after which the same call continues.
 */
export async function fetchAll(
  all: readonly PublishedWeights[],
  console: Console,
  signal?: AbortSignal,
): Promise<Fetched[]> {
  const failures: string[] = [];
  const results: Fetched[] = [];
  for (const weights of all) {
    const path = publishedFile(weights);
    const { name } = weights;
    if (existsSync(path)) {
      results.push({ name, path, state: 'there' });
      continue;
    }
    try {
      await withProgress(weights, path, console, signal);
      console.info(`${name}: ${path}`);
      results.push({ name, path, state: 'downloaded' });
    } catch (error) {
      if (signal?.aborted) throw new Interrupted();
      if (!(error instanceof UserError)) throw error;
      failures.push(error.message);
      results.push({ name, path, state: 'missing' });
    }
  }
  if (failures.length > 0) throw new UserError(failures.join('\n'));
  return results;
}

async function withProgress(
  weights: PublishedWeights,
  path: string,
  console: Console,
  signal?: AbortSignal,
): Promise<void> {
  let bar: ReturnType<Console['progress']> | undefined;
  const onBytes = (done: number, total = weights.size ?? 0) => {
    bar ??= console.progress(weights.name, Math.ceil(Math.max(total, done) / MB), Math.floor(done / MB), 'MB');
    bar.update(Math.floor(done / MB), fileSize(done));
  };
  try {
    await download(weights, path, { onBytes, ...(signal && { signal }) });
  } finally {
    bar?.stop();
  }
}
