import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DamagedFileError } from '../errors/damaged-file.ts';
import { UserError } from '../errors/user-error.ts';
import type { StateDict } from '../nn/parameters.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

const newFile = () => join(mkdtempSync(join(tmpdir(), 'safetensors-')), 'weights.safetensors');

const STATE: StateDict = new Map([
  ['conv.weight', { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, -0.1) }],
  ['steps', { shape: [], values: Float32Array.of(7) }],
  ['empty', { shape: [0], values: new Float32Array(0) }],
]);

/** A file as another program would write it. */
function foreign(header: object, data: Uint8Array): string {
  const json = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(json.length));
  const file = newFile();
  writeFileSync(file, Buffer.concat([size, json, data]));
  return file;
}

describe('safetensors', () => {
  test('come back as they were written', () => {
    const file = newFile();
    writeSafetensors(file, STATE, { iteration: '12', name: 'é' });
    const { tensors, metadata } = readSafetensors(file);
    expect(tensors).toEqual(STATE);
    expect(metadata).toEqual(
      new Map([
        ['iteration', '12'],
        ['name', 'é'],
      ]),
    );
  });

  test('come back whatever their names, shapes and values', () => {
    const tensor = fc.array(fc.nat(4), { maxLength: 3 }).chain((shape) => {
      const size = shape.reduce((product, length) => product * length, 1);
      return fc.float32Array({ minLength: size, maxLength: size }).map((values) => ({ shape, values }));
    });
    const file = newFile();
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((name) => name !== '__metadata__' && !/^\d+$/.test(name)),
          tensor,
        ),
        (state) => {
          writeSafetensors(file, new Map(Object.entries(state)));
          expect(readSafetensors(file).tensors).toEqual(new Map(Object.entries(state)));
        },
      ),
    );
  });

  test('replace a file and leave nothing else behind', () => {
    const file = newFile();
    writeSafetensors(file, STATE);
    writeSafetensors(file, new Map());
    expect(readSafetensors(file).tensors.size).toBe(0);
    expect(readdirSync(dirname(file))).toEqual(['weights.safetensors']);
  });

  test('of other element types become float32', () => {
    const half = Buffer.from(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7c00).buffer);
    const bfloat = Buffer.from(Uint16Array.of(0x3f80, 0xc040).buffer);
    const long = Buffer.from(BigInt64Array.of(-5n).buffer);
    const file = foreign(
      {
        half: { dtype: 'F16', shape: [4], data_offsets: [0, 8] },
        bfloat: { dtype: 'BF16', shape: [2], data_offsets: [8, 12] },
        long: { dtype: 'I64', shape: [1], data_offsets: [12, 20] },
      },
      Buffer.concat([half, bfloat, long]),
    );
    const { tensors } = readSafetensors(file);
    expect([...tensors.get('half')!.values]).toEqual([1, -2, 2 ** -24, Infinity]);
    expect([...tensors.get('bfloat')!.values]).toEqual([1, -3]);
    expect([...tensors.get('long')!.values]).toEqual([-5]);
  });

  test('of a type that is not understood are an error where a network needs them', () => {
    const file = foreign(
      { odd: { dtype: 'F4', shape: [4], data_offsets: [0, 2] }, w: { dtype: 'U32', shape: [1], data_offsets: [2, 6] } },
      Uint8Array.of(1, 2, 255, 255, 255, 255),
    );
    const { tensors } = readSafetensors(file);
    expect(tensors.get('w')).toEqual({ shape: [1], values: Float32Array.of(2 ** 32 - 1) });
    expect(tensors.get('odd')!.shape).toEqual([4]);
    expect(() => tensors.get('odd')!.values).toThrow(
      `${file}: the tensor "odd" cannot be read: its elements are F4, which is not understood.`,
    );
  });

  test('that are cut off anywhere are an error that names the file', () => {
    const file = newFile();
    writeSafetensors(file, STATE);
    const bytes = readFileSync(file);
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(file, bytes.subarray(0, length));
      expect(() => readSafetensors(file)).toThrow(UserError);
      expect(() => readSafetensors(file)).toThrow(file);
    }
  });

  test.each<[string, object, string]>([
    ['no map', [], 'its header is no map'],
    ['no type', { x: { shape: [1], data_offsets: [0, 4] } }, 'tensor "x" has no element type'],
    [
      'a shape that does not fit',
      { x: { dtype: 'F32', shape: [3], data_offsets: [0, 4] } },
      'tensor "x" has 4 bytes, its shape needs 12',
    ],
    ['no shape', { x: { dtype: 'F32' } }, 'tensor "x" has the shape (undefined)'],
    ['no place', { x: { dtype: 'F32', shape: [1] } }, 'tensor "x" has the place (undefined)'],
    ['a place of one end', { x: { dtype: 'F32', shape: [1], data_offsets: [0] } }, 'tensor "x" has the place (0)'],
    [
      'a place that ends before it begins',
      { x: { dtype: 'F32', shape: [1], data_offsets: [4, 0] } },
      'tensor "x" has the place (4, 0)',
    ],
    ['no entry', { x: null }, 'tensor "x" has no element type'],
    ['a list for an entry', { x: [1] }, 'tensor "x" has no element type'],
    [
      'metadata that are a list',
      { __metadata__: [], x: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } },
      'its metadata are no map',
    ],
  ])('with a header that is damaged (%s) are an error', (_, header, message) => {
    const file = foreign(header, new Uint8Array(4));
    expect(() => readSafetensors(file)).toThrow(UserError);
    expect(() => readSafetensors(file)).toThrow(`${file} is not a safetensors file, or it is damaged: ${message}`);
  });

  test('whose bits have changed, any of them, are an error that names the file, or are read as they were', () => {
    const file = newFile();
    writeSafetensors(file, new Map([...STATE, ['12', { shape: [1], values: Float32Array.of(8) }]]), {
      iteration: '12',
    });
    const readAll = () => {
      const { tensors, metadata } = readSafetensors(file);
      return { tensors: new Map([...tensors].map(([name, { shape, values }]) => [name, { shape, values }])), metadata };
    };
    const [whole, bytes] = [readAll(), readFileSync(file)];
    const unnoticed: number[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(file, damaged);
      let found: unknown;
      try {
        found = readAll();
      } catch (error) {
        if (error instanceof DamagedFileError && error.message.includes(file)) continue;
      }
      unnoticed.push(bit);
      const { tensors, metadata } = found as typeof whole;
      expect(tensors).toEqual(whole.tensors);
      expect(metadata.get('iteration')).toBe('12');
    }
    // Only a bit of the name of the checksums' entry makes a file that seems to have none.
    expect(unnoticed.length).toBeLessThanOrEqual('dualprior.crc32'.length * 8);
  });

  test('of other programs have their checksums in an entry that is not shown, and are read without', () => {
    const file = newFile();
    writeSafetensors(file, STATE);
    const bytes = readFileSync(file);
    const size = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.subarray(8, 8 + size).toString()) as Record<string, Record<string, string>>;
    // CRC-32 of the six values of `conv.weight`, by Python's zlib.
    expect(header['__metadata__']!['dualprior.crc32']!.slice(8, 16)).toBe('6a127d76');
    delete header['__metadata__'];
    expect(readSafetensors(foreign(header, bytes.subarray(8 + size))).tensors).toEqual(STATE);
  });

  test('that are not there are an error', () => {
    expect(() => readSafetensors('/nowhere/x.safetensors')).toThrow(
      /Cannot read \/nowhere\/x.safetensors: there is no such file/,
    );
  });
});

test('values in pieces are asked for one after the other, when those before are written', () => {
  const file = newFile();
  const asked: number[] = [];
  function* pieces(): Generator<Float32Array> {
    for (const value of [1, 2, 3]) {
      asked.push(value);
      yield Float32Array.of(value);
    }
  }
  const tensor = {
    shape: [2],
    get values() {
      expect(asked).toEqual([1, 2, 3]);
      return Float32Array.of(4, 5);
    },
  };
  writeSafetensors(file, [
    ['pieces', { shape: [3, 1], values: pieces() }],
    ['late', tensor],
  ]);
  expect([...readSafetensors(file).tensors]).toEqual([
    ['pieces', { shape: [3, 1], values: Float32Array.of(1, 2, 3) }],
    ['late', { shape: [2], values: Float32Array.of(4, 5) }],
  ]);
  expect(() => writeSafetensors(file, [['few', { shape: [2], values: Float32Array.of(1) }]])).toThrow(
    '"few" has 1 values, not those of its shape',
  );
});
