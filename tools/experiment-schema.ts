import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './setup/places.mjs';

/** Writes `experiments/schema.json`, which editors complete experiment files from. A new process knows the components as they are now. */
export function writeSchema(): void {
  const schema = execFileSync(process.execPath, [join(ROOT, 'tools', 'run.mjs'), 'components', '--schema'], {
    maxBuffer: 2 ** 26,
  });
  writeFileSync(join(ROOT, 'experiments', 'schema.json'), schema);
}
