import { homedir } from 'node:os';
import { join } from 'node:path';

/** What a person would miss, unlike the cache: the local MLflow server's data. */
export function dataFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'dualprior');
}
