import { closeSync, mkdtempSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { zipSync } from 'fflate';
import { UserError } from '../errors/user-error.ts';
import type { PickledObject } from './pickle-objects.ts';
import {
  byte,
  call,
  dictionary,
  legacyHead,
  list,
  pickle,
  safetensors,
  storage,
  tensor,
  text,
  torchZip,
  tuple,
} from './testing/pickles.ts';
import { moduleTensors } from './tree.ts';
import { withoutPrefix } from './parts.ts';
import { readCheckpoint, readWeights } from './weights.ts';

/** What torch.save writes: a pickle, and the storages beside it. */
function checkpoint(content: string, storages: Record<string, ArrayBufferView<ArrayBuffer>> = {}): string {
  return written('weights.pth', torchZip(content, storages));
}

function written(name: string, bytes: Uint8Array | string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'weights-')), name);
  writeFileSync(file, bytes);
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
    const legacyStorage = (type: string, key: string, count: number) => storage(type, key, count, 'N');
    const stored = (values: ArrayBufferView<ArrayBuffer> & { length: number }) => {
      const count = Buffer.alloc(8);
      count.writeBigInt64LE(BigInt(values.length));
      return Buffer.concat([count, new Uint8Array(values.buffer)]);
    };
    const legacy = (...parts: Buffer[]) => written('legacy.pth', Buffer.concat(parts));
    const weight = tensor(legacyStorage('FloatStorage', '8', 2), 0, [2], [1]);
    const steps = tensor(legacyStorage('LongStorage', '7', 1), 0, [], []);
    const head = [legacyHead(dictionary({ g_ema: dictionary({ weight, steps }) }), ['7', '8'])];

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

  test('has the items that Python 2 gives OrderedDict as an argument', () => {
    const items = list(list(text('w'), tensor(storage('FloatStorage', '0', 2), 0, [2], [1])));
    const file = checkpoint(call('collections.OrderedDict', items), { 0: Float32Array.of(1, 2) });
    expect(readWeights(file)).toEqual(new Map([['w', { shape: [2], values: Float32Array.of(1, 2) }]]));
  });

  test('of many small objects is read: the landmarks of GFP-GAN are such', () => {
    const scalar = `h\x01${tuple('h\x02', `h\x03${tuple(text('ABCDEFGH'), text('latin1'))}R`)}R`;
    const number = (key: number) => `${scalar}r${String.fromCharCode(key, 0, 0, 1)}`;
    const face = Array.from({ length: 9 }, (_, i) => number(i)).join('');
    const set = (index: number, value: string) => `${value}q${String.fromCharCode(index)}0`;
    const type = call('numpy.dtype', text('f8'), '\x89', '\x88') + `${tuple(byte(3), text('<'))}b`;
    const names = set(1, 'cnumpy._core.multiarray\nscalar\n') + set(2, type) + set(3, 'c_codecs\nencode\n');
    const faces = 12_000;
    const { root } = readCheckpoint(checkpoint(`${names}](${`](${face}e`.repeat(faces)}e`));
    const expected = Buffer.from('ABCDEFGH').readDoubleLE();
    expect((root as number[][]).length).toBe(faces);
    expect((root as number[][])[faces - 1]).toEqual(Array(9).fill(expected));
  });
});

describe('what is no tensor', () => {
  test('is kept as the pickle describes it, and never executed', () => {
    const { files } = JSON.parse(readFileSync(new URL('testing/torch-files.json', import.meta.url), 'utf8')) as {
      files: Record<string, { file: string }>;
    };
    const bytes = Buffer.from(files['zip, other objects']!.file, 'base64');
    const root = readCheckpoint(written('others.pt', bytes)).root as Map<string, PickledObject>;
    expect(root.get('args')).toMatchObject({
      path: 'argparse.Namespace',
      state: new Map<string, unknown>([
        ['lr', 1],
        ['path', expect.anything()],
      ]),
    });
    expect(root.get('device')).toMatchObject({ path: 'torch.device', args: ['cpu'] });
    expect(root.get('set')).toEqual(new Set([1, 2]));
    expect(root.get('method')).toMatchObject({ path: 'builtins.getattr', args: ['abc', 'upper'] });
    expect(root.get('size')).toEqual([1, 2]);
    expect([root.get('f8'), root.get('i4')]).toEqual([0.5, -2]);
    const itself = root.get('itself')!;
    expect((itself.state as Map<string, unknown>).get('me')).toBe(itself);
  });

  test('a module of NVlabs gives its tensors, which lie in payloads of their own', () => {
    const payload = Buffer.concat([
      legacyHead(storage('FloatStorage', '5', 2, 'N'), ['5']),
      Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]),
      new Uint8Array(Float32Array.of(7, 8).buffer),
    ]).toString('latin1');
    const bytes = `B${String.fromCharCode(payload.length & 255, payload.length >> 8, 0, 0)}${payload}`;
    const weight = tensor(call('torch.storage._load_from_bytes', bytes), 0, [2], [1]);
    const module = (parameters: string, modules: string, more = {}) =>
      call(
        'torch_utils.persistence._reconstruct_persistent_obj',
        dictionary({
          class_name: text('Layer'),
          module_src: text('import os; os.abort()'),
          state: dictionary({ _parameters: parameters, _buffers: '}', _modules: modules, ...more }),
        }),
      );
    const inner = module(dictionary({ weight }), '}');
    const file = written(
      'g.pkl',
      pickle(dictionary({ G: module(dictionary({ bias: 'N' }), dictionary({ fc: inner }), { w_dim: byte(32) }) })),
    );
    const g = (readCheckpoint(file).root as Map<string, PickledObject>).get('G')!;
    expect([g.path, (g.state as Map<string, unknown>).get('w_dim')]).toEqual(['Layer', 32]);
    const tensors = moduleTensors(g)!;
    expect([...tensors].map(([name, { shape, values }]) => [name, shape, ...values])).toEqual([
      ['fc.weight', [2], 7, 8],
    ]);
    expect(() => readWeights(file)).toThrow(
      /g\.pkl holds a pickled module \(Layer\) instead of weights\. .*state_dict\(\)/,
    );
  });
});

describe('a file that holds no weights', () => {
  const page = '<!DOCTYPE html><html><head><title>Google Drive - Quota exceeded</title></head></html>';
  const lfs = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 68000000\n`;
  test.each([
    ['is empty', '', /is empty\. Get it again/],
    ['is a pointer of Git LFS', lfs, /is a Git LFS pointer, .* 68000000 bytes\. Run `git lfs pull`/],
    ['is a web page', `\n ${page}`, /is a web page \("Google Drive - Quota exceeded"\).*Open its address in a browser/],
    [
      'is TorchScript',
      zipSync({ 'm/data.pkl': pickle('N'), 'm/constants.pkl': pickle('N') }),
      /is TorchScript.*torch\.jit\.load/,
    ],
    ['is an archive of others', zipSync({ 'a.pth': pickle('N') }), /the archive has no data\.pkl but a\.pth/],
    ['is packed', gzipSync(pickle('N')), /is a gzip archive\. Unpack it/],
    ['is of Keras', '\x89HDF\r\n', /is an HDF5 file/],
    [
      'has none',
      pickle(dictionary({ epoch: byte(1), lr: byte(2) })),
      /holds no tensors\. It is a dictionary of epoch, lr\./,
    ],
    ['is text', 'weights: 1\n', /is not a PyTorch checkpoint/],
  ])('because it %s says so', (_, content, message) => {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
    const files = ['x.pth', 'x.safetensors'].map((name) => written(name, bytes));
    for (const file of files) {
      expect(() => readWeights(file)).toThrow(UserError);
      expect(() => readWeights(file)).toThrow(file);
    }
    expect(() => readWeights(files[0]!)).toThrow(message);
  });
});

test('a plain pickle may be of a few bytes', () => {
  expect(readCheckpoint(written('empty.pkl', Buffer.from('\x80\x02}.', 'latin1'))).root).toEqual(new Map());
  expect(() => readCheckpoint(written('cut.pth', '{'))).toThrow(UserError);
});

test('a tensor that is not dense keeps its shape; its values are an error', () => {
  const sparse = (kind: string) =>
    call(`torch._utils._rebuild_sparse${kind}_tensor`, 'N', tuple('N', list(byte(2), byte(3))));
  const file = checkpoint(dictionary({ coo: sparse(''), csr: sparse('_csr') }));
  const state = readWeights(file);
  for (const name of ['coo', 'csr']) {
    expect(state.get(name)!.shape).toEqual([2, 3]);
    expect(() => state.get(name)!.values).toThrow(/it is sparse, which is not understood/);
  }
});

test('safetensors are identified by their content, whatever the name', () => {
  const bytes = safetensors({ w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, new Uint8Array(4));
  expect([...readWeights(written('w.pth', bytes)).keys()]).toEqual(['w']);
});

describe('weights beyond 2 and 4 GiB', () => {
  /** A file with holes: `parts` by their positions. */
  function sparse(name: string, parts: readonly (readonly [position: number, bytes: Uint8Array])[]): string {
    const file = written(name, '');
    const descriptor = openSync(file, 'r+');
    for (const [position, bytes] of parts) writeSync(descriptor, bytes, 0, bytes.length, position);
    closeSync(descriptor);
    return file;
  }
  const w = new Uint8Array(Float32Array.of(1, 2).buffer);
  const expected = { shape: [2], values: Float32Array.of(1, 2) };

  test.each([2 ** 31, 2 ** 32])('are read from a safetensors file: %d bytes', (size) => {
    const head = safetensors({
      big: { dtype: 'F32', shape: [size / 4], data_offsets: [0, size] },
      w: { dtype: 'F32', shape: [2], data_offsets: [size, size + 8] },
    });
    const { tensors } = readCheckpoint(
      sparse('w.safetensors', [
        [0, head],
        [head.length + size, w],
      ]),
    );
    expect(tensors.get('big')!.shape).toEqual([size / 4]);
    expect(tensors.get('w')).toEqual(expected);
  });

  const content = (size: number) =>
    dictionary({
      big: tensor(storage('FloatStorage', '0', size / 4), size / 4 - 1, [1], [1]),
      w: tensor(storage('FloatStorage', '1', 2), 0, [2], [1]),
    });

  test.each([2 ** 31, 2 ** 32])("are read from a file of torch.save's older format: %d bytes", (size) => {
    const head = Buffer.concat([legacyHead(content(size), ['0', '1']), count(size / 4)]);
    const end = head.length + size;
    const { tensors } = readCheckpoint(
      sparse('w.pth', [
        [0, head],
        [end - 4, w.subarray(4)],
        [end, count(2)],
        [end + 8, w],
      ]),
    );
    expect([...tensors.get('big')!.values]).toEqual([2]);
    expect(tensors.get('w')).toEqual(expected);
  });

  test.each([2 ** 31, 2 ** 32])('are read from an archive of torch.save: %d bytes', (size) => {
    const { tensors } = readCheckpoint(sparse('w.pth', zip64(content(size), size, w)));
    expect(tensors.get('w')).toEqual(expected);
  });

  function count(value: number): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
  }
});

/** An archive as PyTorch writes it: stored members, with ZIP64 where sizes or places need it; storage 0 is a hole of `size` bytes. */
function zip64(content: string, size: number, w: Uint8Array): [number, Uint8Array][] {
  const members = [
    { name: 'a/data.pkl', bytes: pickle(content) },
    { name: 'a/data/0', size }, // whose checksum nobody asks for
    { name: 'a/data/1', bytes: w },
  ];
  const parts: [number, Uint8Array][] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, size: hole = bytes!.length } of members) {
    const local = Buffer.alloc(30 + name.length);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    local.write(name, 30);
    const central = Buffer.alloc(46 + name.length + 28);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt32LE(bytes ? crc32(bytes) : 0, 16);
    for (const field of [20, 24, 42]) central.writeUInt32LE(0xffffffff, field);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(28, 30);
    const extra = central.write(name, 46) + 46;
    central.writeUInt16LE(1, extra);
    central.writeUInt16LE(24, extra + 2);
    [hole, hole, at].forEach((value, i) => central.writeBigUInt64LE(BigInt(value), extra + 4 + 8 * i));
    parts.push([at, local], [at + local.length, bytes ?? new Uint8Array(0)]);
    directory.push(central);
    at += local.length + hole;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(56 + 20 + 22);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(BigInt(members.length), 32);
  end.writeBigUInt64LE(BigInt(entries.length), 40);
  end.writeBigUInt64LE(BigInt(at), 48);
  end.writeUInt32LE(0x07064b50, 56);
  end.writeBigUInt64LE(BigInt(at + entries.length), 64);
  end.writeUInt32LE(0x06054b50, 76);
  return [...parts, [at, Buffer.concat([entries, end])]];
}
