import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { TYPESCRIPT } from '../process/typescript.ts';
import { HOSTILE } from './testing/hostile-files.ts';

interface Outcome {
  readonly name?: string;
  readonly message?: string;
  /** Processor time in seconds. */
  readonly seconds: number;
  /** By which the most memory so far grew. */
  readonly megabytes: number;
}

describe('a hostile file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  const names = Object.keys(HOSTILE);
  let outcomes: readonly Outcome[];

  const fileOf = (name: string) => {
    const [bytes] = HOSTILE[name]!;
    const isPickle = bytes[0] === 0x50 || bytes[0] === 0x80;
    return join(folder, `${names.indexOf(name)}.${isPickle ? 'pth' : 'safetensors'}`);
  };

  beforeAll(() => {
    for (const name of names) writeFileSync(fileOf(name), HOSTILE[name]![0]);
    const program = fileURLToPath(new URL('testing/cost.ts', import.meta.url));
    const child = spawnSync(process.execPath, [...TYPESCRIPT, program, ...names.map(fileOf)], { encoding: 'utf8' });
    outcomes = child.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Outcome);
  }, 60_000);

  test.each(names)('with %s is an error that names file and fault', (name) => {
    const { name: type, message } = outcomes[names.indexOf(name)]!;
    expect(type).toBe('UserError');
    expect(message).toContain(fileOf(name));
    expect(message).toMatch(HOSTILE[name]![1]);
  });

  test('takes less than a second of a processor and 200 MB', () => {
    const dear = outcomes.map((outcome, i) => ({ ...outcome, file: names[i] }));
    expect(dear.filter(({ seconds, megabytes }) => seconds >= 1 || megabytes >= 200)).toEqual([]);
  });
});
