import { join } from 'node:path';
import { publishedWeights, type PublishedWeights } from '../component/published-weights.ts';
import { cacheFolder } from '../engine/cache.mjs';

/** Where the file of published weights lies, or is to be put: `weights` in the per-user cache. */
export function publishedFile({ file }: PublishedWeights, env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheFolder(env), 'weights', file);
}

/** The published weights whose place this is. */
export function publishedAt(path: string, env: NodeJS.ProcessEnv = process.env): PublishedWeights | undefined {
  return publishedWeights.all().find((each) => publishedFile(each, env) === path);
}
