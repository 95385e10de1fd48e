import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readSafetensors, type StateDict } from '@dualprior/core';
import { readResult, writeResult } from './result-file.ts';

const state = (value: number): StateDict => new Map([['intro.weight', { shape: [1], values: Float32Array.of(value) }]]);
const file = join(mkdtempSync(join(tmpdir(), 'result-')), 'best.safetensors');

test('holds each network under its role; others get the average where there is one', () => {
  writeResult(file, [
    { role: 'generator', state: state(1), average: state(2) },
    { role: 'encoder', state: state(3) },
  ]);
  expect([...readSafetensors(file).tensors.keys()].sort()).toEqual([
    'encoder.intro.weight',
    'generator.ema.intro.weight',
    'generator.intro.weight',
  ]);
  expect(readResult(file, 'generator')).toEqual(state(2));
  expect(readResult(file, 'encoder')).toEqual(state(3));
});
