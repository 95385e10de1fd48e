import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { TYPESCRIPT } from '../process/typescript.ts';

interface Numbers {
  readonly depthwise: number[][][];
  readonly grouped: number[][][];
  readonly compiled: number[];
  readonly eager: number[];
  readonly before: number[];
  readonly after: number[];
}

test('grouped convolutions are depthwise ones, also in a compiled step, and without garbage', () => {
  const program = join(import.meta.dirname, 'testing', 'grouped-numbers.ts');
  const env = { ...process.env, TF_ENABLE_ONEDNN_OPTS: '1' };
  const { stdout, stderr } = spawnSync(process.execPath, [...TYPESCRIPT, program], { encoding: 'utf8', env });
  expect(stderr).toBe('');
  const { depthwise, grouped, compiled, eager, before, after } = JSON.parse(stdout) as Numbers;
  const wanted = depthwise.flat(2);
  expect(wanted.length).toBeGreaterThan(1000);
  expect(grouped.flat(2)).toEqual(wanted.map((number) => expect.closeTo(number, 4) as unknown));
  expect(compiled).toEqual(eager);
  expect(after).toEqual(before);
});
