import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DamagedFileError } from '../errors/damaged-file.ts';
import type { StateDict } from '../nn/parameters.ts';
import { parseSafetensors } from './safetensors-format.ts';
import { safetensors, u64 } from './testing/pickles.ts';
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
  expect(damaged(length + 3)).toThrow(
    new DamagedFileError('nafnet.safetensors is damaged: the tensor "conv.weight" has a wrong checksum.'),
  );
  expect(() => parseSafetensors(content.slice(0, length + 3).buffer, 'nafnet.safetensors')).toThrow(/is cut off/);
});

test('a file has at least the eight bytes of a size, and a header of at most 10^8', () => {
  const parse = (content: Uint8Array) => () => parseSafetensors(Uint8Array.from(content).buffer, 'weights');
  const size = (value: number) => Buffer.from(u64(value), 'latin1');
  expect(parse(new Uint8Array(7))).toThrow('it is too short');
  expect(parse(size(1))).toThrow('its header is cut off');
  expect(parse(Buffer.concat([size(3), Buffer.from('{}')]))).toThrow('its header is cut off');
  expect(parse(Buffer.concat([size(2), Buffer.from('{}')]))).not.toThrow();
  expect(parse(size(1e8))).toThrow('its header is cut off');
  expect(parse(size(1e8 + 1))).toThrow('its header would have 100000001 bytes');
});

test('a header is UTF-8 and a map, in which every key is there once', () => {
  const parse = (header: string) => () => parseSafetensors(Uint8Array.from(safetensors(header)).buffer, 'weights');
  for (const header of ['null', '7', '"a"', '[]']) expect(parse(header)).toThrow('its header is no map');
  const metadata = (content: string) => parse(`{"__metadata__":${content}}`);
  for (const content of ['7', '"a"', '[]']) expect(metadata(content)).toThrow('its metadata are no map');
  expect(metadata('{"a":1}')).toThrow('its metadata "a" are no text');
  // JSON's null is as if they were not there; brackets and colons in texts are none of JSON.
  expect(metadata('null')).not.toThrow();
  expect(metadata('{"a":"{[:\\"}"}')).not.toThrow();
  expect(metadata('{"a":"","\\u0061":""}')).toThrow('its header has "a" twice');
  const invalid = Uint8Array.from(safetensors('{"__metadata__":{"a":"?"}}'));
  invalid[invalid.indexOf('?'.charCodeAt(0))] = 0xff;
  expect(() => parseSafetensors(invalid.buffer, 'weights')).toThrow(DamagedFileError);
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
