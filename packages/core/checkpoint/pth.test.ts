import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { zipSync } from 'fflate';
import { UserError } from '../errors/user-error.ts';
import { readPth, withoutPrefix } from './pth.ts';

const text = (value: string) => `X${String.fromCharCode(value.length, 0, 0, 0)}${value}`;
const byte = (value: number) => `K${String.fromCharCode(value)}`;
const tuple = (...items: string[]) => `(${items.join('')}t`;
const storage = (type: string, key: string, count: number) =>
  `${tuple(text('storage'), `ctorch\n${type}\n`, text(key), text('cpu'), byte(count))}Q`;
const tensor = (stored: string, offset: number, shape: number[], strides: number[]) =>
  `ctorch._utils\n_rebuild_tensor_v2\n` +
  `${tuple(stored, byte(offset), tuple(...shape.map(byte)), tuple(...strides.map(byte)), '\x89', 'ccollections\nOrderedDict\n)R')}R`;
const dictionary = (entries: Record<string, string>) =>
  `}(${Object.entries(entries)
    .flatMap(([key, value]) => [text(key), value])
    .join('')}u`;

/** What torch.save writes: a pickle, and the storages beside it. */
function checkpoint(pickle: string, storages: Record<string, ArrayBufferView<ArrayBuffer>>): string {
  const file = join(mkdtempSync(join(tmpdir(), 'pth-')), 'weights.pth');
  const data = Object.entries(storages).map(([key, values]) => [`weights/data/${key}`, new Uint8Array(values.buffer)]);
  const bytes = Buffer.from(`\x80\x02${pickle}.`, 'latin1');
  writeFileSync(file, zipSync({ 'weights/data.pkl': bytes, ...Object.fromEntries(data) }, { level: 0 }));
  return file;
}

describe('a PyTorch checkpoint', () => {
  test('is flattened, and what is no tensor left out', () => {
    const weight = tensor(storage('FloatStorage', '0', 4), 0, [2, 2], [2, 1]);
    const steps = tensor(storage('LongStorage', '1', 1), 0, [], []);
    const file = checkpoint(dictionary({ params: dictionary({ 'conv.weight': weight, steps }), epoch: byte(3) }), {
      0: Float32Array.of(1, 2, 3, 4),
      1: BigInt64Array.of(9n),
    });
    expect(readPth(file)).toEqual(
      new Map([
        ['params.conv.weight', { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) }],
        ['params.steps', { shape: [], values: Float32Array.of(9) }],
      ]),
    );
    expect([...withoutPrefix(readPth(file), 'params').keys()]).toEqual(['conv.weight', 'steps']);
  });

  test('may hold views of a storage that others share', () => {
    const shared = storage('FloatStorage', '0', 6);
    const file = checkpoint(
      dictionary({ transposed: tensor(shared, 0, [3, 2], [1, 3]), rest: tensor(shared, 4, [2], [1]) }),
      { 0: Float32Array.of(1, 2, 3, 4, 5, 6) },
    );
    const state = readPth(file);
    expect([...state.get('transposed')!.values]).toEqual([1, 4, 2, 5, 3, 6]);
    expect([...state.get('rest')!.values]).toEqual([5, 6]);
  });

  test.each([
    ['calls a function', 'cos\nsystem\n(X\x04\x00\x00\x00truetR', /calls os.system/],
    [
      'refers to a storage that is missing',
      tensor(storage('FloatStorage', '5', 1), 0, [1], [1]),
      /storage 5 is missing/,
    ],
    ['reaches beyond its storage', tensor(storage('FloatStorage', '0', 1), 0, [9], [1]), /outside of its storage/],
    ['has an unknown opcode', '\xff', /unknown opcode 0xff/],
    ['is cut off', 'X\xff\x00\x00\x00abc', /cut off/],
  ])('that %s is an error that names the file', (_, pickle, message) => {
    const file = checkpoint(pickle, { 0: Float32Array.of(1) });
    expect(() => readPth(file)).toThrow(UserError);
    expect(() => readPth(file)).toThrow(message);
    expect(() => readPth(file)).toThrow(file);
  });

  test('in the old format is an error that says what to do', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'pth-')), 'old.pth');
    writeFileSync(file, Buffer.from([0x80, 0x02, 0x8a, 0x0a]));
    expect(() => readPth(file)).toThrow(/before 1.6.*torch.save/);
  });
});
