import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, jest, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import '../index.ts';
import { trainStage } from './testing/stage-harness.ts';

jest.setTimeout(60_000);

let folder: string;
const compiled = jest.spyOn(loadEngine(), 'compile');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runtime-'));
  compiled.mockClear();
});
afterAll(() => void jest.restoreAllMocks());

/** One iteration of the stage `restore`, without validation. */
const train = (compile: boolean, ...set: readonly string[]) =>
  trainStage('dual-prior-smoke.yaml', 'restore', folder, {
    compile,
    set: ['iterations=1', 'validation=null', ...set].map((each) => `stages.restore.${each}`),
  });

test.each([
  [true, [], true],
  [false, [], false],
  [true, ['runtime={compile: false}'], false],
  [false, ['runtime={compile: true}'], true],
] as const)('with compile: %s and %j its step is compiled: %s', async (compile, set, expected) => {
  await train(compile, ...set);
  expect(compiled.mock.calls.length > 0).toBe(expected);
});

test('what is about compiled steps is an error without them', async () => {
  await expect(train(false, 'runtime={recompute: true}')).rejects.toThrow(
    'runtime.recompute is about compiled steps, but runtime.compile is false. Set one of them only.',
  );
});
