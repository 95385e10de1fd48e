import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { TYPESCRIPT } from '../process/typescript.ts';

test('damaged files give tensors or an error that names them, within bounds', () => {
  const program = fileURLToPath(new URL('testing/fuzz.ts', import.meta.url));
  const child = spawnSync(process.execPath, ['--max-old-space-size=256', ...TYPESCRIPT, program, '300', '7'], {
    encoding: 'utf8',
  });
  expect(child.stderr).toBe('');
  const { read, refused, failed, megabytes } = JSON.parse(child.stdout) as Record<string, number>;
  expect([failed, read! + refused!]).toEqual([0, 300]);
  expect(Math.min(read!, refused!)).toBeGreaterThan(20);
  expect(megabytes).toBeLessThan(400);
}, 60_000);
