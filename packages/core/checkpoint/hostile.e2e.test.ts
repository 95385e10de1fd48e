import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { TYPESCRIPT } from '../process/typescript.ts';
import { HOSTILE, writeHostile } from './testing/hostile-files.ts';

interface Outcome {
  readonly name?: string;
  /** Processor time in seconds. */
  readonly seconds: number;
  /** By which the most memory so far grew. */
  readonly megabytes: number;
}

test('a hostile file is refused for less than a second of a processor and 200 MB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  const names = Object.keys(HOSTILE);
  const files = names.map((name) => writeHostile(folder, name));
  const program = fileURLToPath(new URL('testing/cost.ts', import.meta.url));
  const child = spawnSync(process.execPath, [...TYPESCRIPT, program, ...files], { encoding: 'utf8' });
  const lines = child.stdout.trim().split('\n');
  expect(lines).toHaveLength(files.length);
  const outcomes = lines.map((line, i) => ({ ...(JSON.parse(line) as Outcome), file: names[i] }));
  const refused = ({ name, seconds, megabytes }: Outcome) => name === 'UserError' && seconds < 1 && megabytes < 200;
  expect(outcomes.filter((outcome) => !refused(outcome))).toEqual([]);
}, 60_000);
