import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the checkout. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The per-user cache of downloads and built engines: DUALPRIOR_CACHE, else XDG_CACHE_HOME/dualprior, else ~/.cache/dualprior. */
export function cacheFolder(env = process.env) {
  return env.DUALPRIOR_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'dualprior');
}
