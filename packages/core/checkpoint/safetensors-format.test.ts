import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DamagedFileError } from '../errors/damaged-file.ts';
import type { StateDict } from '../nn/parameters.ts';
import { parseSafetensors } from './safetensors-format.ts';
import { safetensors } from './testing/pickles.ts';
import { writeSafetensors } from './safetensors.ts';

const STATE: StateDict = new Map([
  ['conv.weight', { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, -0.1) }],
  ['steps', { shape: [], values: Float32Array.of(7) }],
]);

/** The content of a file with these tensors. */
function written(): Uint8Array<ArrayBuffer> {
  const file = join(mkdtempSync(join(tmpdir(), 'safetensors-')), 'weights.safetensors');
  writeSafetensors(file, STATE, { iteration: '12' });
  return Uint8Array.from(readFileSync(file));
}

test('a file in memory holds what was written', () => {
  const { tensors, metadata } = parseSafetensors(written().buffer, 'weights');
  expect(tensors).toEqual(STATE);
  expect(metadata).toEqual(new Map([['iteration', '12']]));
});

test('damage to any byte of the header or of a tensor is an error that says of what', () => {
  const content = written();
  const length = 8 + Number(new DataView(content.buffer).getBigUint64(0, true));
  const damaged = (at: number) => {
    const copy = content.slice();
    copy[at]! ^= 1;
    return () => [...parseSafetensors(copy.buffer, 'nafnet.safetensors').tensors.values()].map(({ values }) => values);
  };
  expect(damaged(length - 10)).toThrow(DamagedFileError);
  expect(damaged(length - 10)).toThrow(/nafnet\.safetensors is not a safetensors file, or it is damaged/);
  expect(damaged(length + 3)).toThrow('nafnet.safetensors is damaged: the tensor "conv.weight" has a wrong checksum.');
  expect(() => parseSafetensors(content.slice(0, length + 3).buffer, 'nafnet.safetensors')).toThrow(/is cut off/);
});

test('tensors of no elements lie anywhere between the others, listed in any order', () => {
  const entry = (shape: number[], first: number, last: number) => ({
    dtype: 'F32',
    shape,
    data_offsets: [first, last],
  });
  const header = {
    one: entry([1], 0, 4),
    before: entry([0], 0, 0),
    two: entry([2], 4, 12),
    between: entry([3, 0], 4, 4),
    after: entry([0], 12, 12),
  };
  const bytes = safetensors(header, new Uint8Array(Float32Array.of(1, 2, 3).buffer));
  const { tensors } = parseSafetensors(Uint8Array.from(bytes).buffer, 'weights');
  expect([...tensors].map(([name, { values }]) => [name, [...values]])).toEqual([
    ['one', [1]],
    ['before', []],
    ['two', [2, 3]],
    ['between', []],
    ['after', []],
  ]);
});
