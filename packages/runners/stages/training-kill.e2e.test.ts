import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { programOf, readWholeJournal } from '@dualprior/core';
import { savedProgress } from '../store/training-state.ts';

jest.setTimeout(600_000);

const PROGRAM = join(import.meta.dirname, 'testing', 'killed-training.ts');

function train(folder: string, killedBefore = Infinity) {
  return spawnSync(process.execPath, [...programOf(PROGRAM), folder, String(killedBefore)], { encoding: 'utf8' });
}

async function left(folder: string) {
  const files = ['best.safetensors', 'last.safetensors'].map((name) => readFileSync(join(folder, name), 'base64'));
  const records = await readWholeJournal(join(folder, 'journal.jsonl'));
  const curves = records.map((record) => (record.event === 'metric' ? [record.key, record.step, record.value] : []));
  return { files, curves };
}

test('killed before any call that writes a file, a training continues to the same files and curves', async () => {
  const undisturbed = mkdtempSync(join(tmpdir(), 'killed-'));
  const { stdout, stderr } = train(undisturbed);
  expect(stderr).toBe('');
  const [whole, calls] = [await left(undisturbed), Number(stdout)];
  expect(calls).toBeGreaterThan(60);
  // One training is killed again and again, some calls later each time: the places in a save differ from kill to kill.
  const folder = mkdtempSync(join(tmpdir(), 'killed-'));
  const iterations: number[] = [];
  const ends: unknown[] = [];
  for (let call = 1; ends.at(-1) !== 0 && call < 1000; call += 4) {
    const { signal, status } = train(folder, call);
    ends.push(signal ?? status);
    iterations.push(existsSync(join(folder, 'state')) ? (savedProgress(folder)?.iteration ?? 0) : 0);
  }
  expect(new Set(ends)).toEqual(new Set(['SIGKILL', 0]));
  expect(ends.length).toBeGreaterThan(6);
  expect(iterations).toEqual([...iterations].sort((a, b) => a - b));
  expect(await left(folder)).toEqual(whole);
});
