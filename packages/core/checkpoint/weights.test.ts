import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { zipSync } from 'fflate';
import { UserError } from '../errors/user-error.ts';
import { readCheckpoint, readWeights, withoutPrefix } from './weights.ts';

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
    expect(readWeights(file)).toEqual(
      new Map([
        ['params.conv.weight', { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) }],
        ['params.steps', { shape: [], values: Float32Array.of(9) }],
      ]),
    );
    expect([...withoutPrefix(readWeights(file), 'params').keys()]).toEqual(['conv.weight', 'steps']);
  });

  describe('with numbers of NumPy', () => {
    const scalar = (type: string, order: string, bytes: string) => {
      const latin = [...bytes].map((byte) => Buffer.from(byte, 'utf8').toString('latin1')).join('');
      const encoded = `X${String.fromCharCode(latin.length, 0, 0, 0)}${latin}`;
      const state = tuple(byte(3), text(order), 'N', 'N', 'N', 'J\xff\xff\xff\xff', 'J\xff\xff\xff\xff', byte(0));
      return `cnumpy.core.multiarray\nscalar\n${tuple(
        `cnumpy\ndtype\n${tuple(text(type), '\x89', '\x88')}R${state}b`,
        `c_codecs\nencode\n${tuple(encoded, text('latin1'))}R`,
      )}R`;
    };
    const half = '\x00\x00\x00\x00\x00\x00\xe0\x3f';

    test('has them as numbers, and lists and dictionaries as they are', () => {
      const eye = `](${scalar('f8', '<', half)}${scalar('i4', '<', '\xfe\xff\xff\xff')}${byte(7)}e`;
      const file = checkpoint(dictionary({ '00000012': dictionary({ eye }) }), {});
      expect(readCheckpoint(file).root).toEqual(new Map([['00000012', new Map([['eye', [0.5, -2, 7]]])]]));
      expect(() => readWeights(file)).toThrow(/weights\.pth holds no tensors\. It is a dictionary of 00000012\./);
    });

    test('has those of the other byte order as numbers too, and others as objects', () => {
      const [big, text] = [scalar('f8', '>', [...half].reverse().join('')), scalar('U1', '<', 'abcd')];
      const { root } = readCheckpoint(checkpoint(dictionary({ big, text }), {}));
      expect((root as Map<string, unknown>).get('big')).toBe(0.5);
      expect((root as Map<string, unknown>).get('text')).toMatchObject({ path: 'numpy.core.multiarray.scalar' });
    });
  });

  test('may hold views of a storage that others share', () => {
    const shared = storage('FloatStorage', '0', 6);
    const file = checkpoint(
      dictionary({ transposed: tensor(shared, 0, [3, 2], [1, 3]), rest: tensor(shared, 4, [2], [1]) }),
      { 0: Float32Array.of(1, 2, 3, 4, 5, 6) },
    );
    const state = readWeights(file);
    expect([...state.get('transposed')!.values]).toEqual([1, 4, 2, 5, 3, 6]);
    expect([...state.get('rest')!.values]).toEqual([5, 6]);
  });

  test.each([
    ['calls a function', 'cos\nsystem\n(X\x04\x00\x00\x00truetR', /holds no tensors but an object of os.system/],
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
    expect(() => readWeights(file)).toThrow(UserError);
    expect(() => readWeights(file)).toThrow(message);
    expect(() => readWeights(file)).toThrow(file);
  });

  describe('in the format before PyTorch 1.6', () => {
    const pickle = (content: string) => Buffer.from(`\x80\x02${content}.`, 'latin1');
    const magic = pickle('\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19');
    const machine = pickle(`}(${text('little_endian')}\x88u`);
    const keys = pickle(`](${text('7')}${text('8')}e`);
    const legacyStorage = (type: string, key: string, count: number) =>
      `${tuple(text('storage'), `ctorch\n${type}\n`, text(key), text('cuda:0'), byte(count), 'N')}Q`;
    const stored = (values: ArrayBufferView<ArrayBuffer> & { length: number }) => {
      const count = Buffer.alloc(8);
      count.writeBigInt64LE(BigInt(values.length));
      return Buffer.concat([count, new Uint8Array(values.buffer)]);
    };
    const legacy = (...parts: Buffer[]) => {
      const file = join(mkdtempSync(join(tmpdir(), 'pth-')), 'legacy.pth');
      writeFileSync(file, Buffer.concat(parts));
      return file;
    };
    const weight = tensor(legacyStorage('FloatStorage', '8', 2), 0, [2], [1]);
    const steps = tensor(legacyStorage('LongStorage', '7', 1), 0, [], []);
    const object = pickle(dictionary({ g_ema: dictionary({ weight, steps }) }));
    const head = [magic, pickle('M\xe9\x03'), machine, object, keys];

    test('is read as well', () => {
      const file = legacy(...head, stored(BigInt64Array.of(9n)), stored(Float32Array.of(1, 2)));
      expect(readWeights(file)).toEqual(
        new Map([
          ['g_ema.weight', { shape: [2], values: Float32Array.of(1, 2) }],
          ['g_ema.steps', { shape: [], values: Float32Array.of(9) }],
        ]),
      );
    });

    test.each([
      ['that lacks a storage', legacy(...head, stored(BigInt64Array.of(9n))), /storage 8 is missing/],
      [
        'that is cut off',
        legacy(...head, stored(BigInt64Array.of(9n)), stored(Float32Array.of(1, 2)).subarray(0, 12)),
        /storage 8 is cut off/,
      ],
      ['that is another pickle', legacy(...head.map(() => machine)), /no tensors. It is a dictionary of little_endian/],
      [
        'that calls a function',
        legacy(magic, magic, machine, pickle('cos\nsystem\n)R'), pickle(']')),
        /no tensors but an object of os.system/,
      ],
      [
        'with a storage of another size',
        legacy(...head, stored(BigInt64Array.of(9n)), stored(Float32Array.of(1, 2, 3))),
        /storage 8 has 3 elements, not 2/,
      ],
    ])('%s is an error that names the file', (_, file, message) => {
      expect(() => readWeights(file)).toThrow(UserError);
      expect(() => readWeights(file)).toThrow(message);
      expect(() => readWeights(file)).toThrow(file);
    });
  });
});
