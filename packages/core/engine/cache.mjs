import { homedir } from 'node:os';
import { join } from 'node:path';

/** The per-user cache of downloads and built engines: DUALPRIOR_CACHE, else XDG_CACHE_HOME/dualprior, else ~/.cache/dualprior. */
export function cacheFolder(env = process.env) {
  return env.DUALPRIOR_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'dualprior');
}
