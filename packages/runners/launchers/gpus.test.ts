import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { checkGpus } from './gpus.ts';

test('a GPU that the driver does not list is an error', () => {
  const list = mkdtempSync(join(tmpdir(), 'gpus-'));
  expect(() => checkGpus([0], list)).toThrow('launcher.gpus has 0, but this machine has 0 GPUs.');
  for (const name of ['0000:01:00.0', '0000:41:00.0']) mkdirSync(join(list, name));
  expect(() => checkGpus([0, 2, 1, 5], list)).toThrow('has 2, 5, but this machine has 2 GPUs, numbered from 0 to 1.');
  expect(() => checkGpus([1, 0, 1], list)).not.toThrow();
});

test('where no driver lists any, nothing is said', () => {
  expect(() => checkGpus([3], join(tmpdir(), 'nowhere'))).not.toThrow();
});
