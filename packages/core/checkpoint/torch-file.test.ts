import { describe, expect, test } from '@jest/globals';
import { zipSync } from 'fflate';
import { memoryBytes } from '../files/bytes.ts';
import { PickledObject } from './pickle-objects.ts';
import type { StoredTensor } from './stored-tensor.ts';
import {
  byte,
  call,
  dictionary,
  integer,
  legacyHead,
  list,
  named,
  pickle,
  storage,
  tensor,
  text,
  torchZip,
  tuple,
} from './testing/pickles.ts';
import { readTorchFile } from './torch-file.ts';

const FOUR = { 0: Float32Array.of(1, 2, 3, 4) };
const four = storage('FloatStorage', '0', 4);

const read = (content: string, storages = FOUR) =>
  readTorchFile('weights.pth', memoryBytes(torchZip(content, storages)));
const values = (content: string) => [...(read(content) as StoredTensor).values];

describe('a tensor of PyTorch', () => {
  test('is a view of its storage, whose elements may repeat or be skipped', () => {
    expect(values(tensor(four, 1, [3], [1]))).toEqual([2, 3, 4]);
    expect(values(tensor(four, 0, [2, 2], [1, 2]))).toEqual([1, 3, 2, 4]);
    expect(values(tensor(four, 1, [2], [2]))).toEqual([2, 4]);
    expect(values(tensor(four, 3, [2, 3], [0, 0]))).toEqual([4, 4, 4, 4, 4, 4]);
    expect(values(tensor(four, 4, [0], [1]))).toEqual([]);
    expect(values(tensor(four, 2, [], []))).toEqual([3]);
    // Strides of axes of length 1 say nothing.
    expect(values(tensor(four, 0, [1, 4, 1], [99, 1, 99]))).toEqual([1, 2, 3, 4]);
  });

  test('has the storage that the first one of this key had (pytorch:torch/serialization.py, persistent_load)', () => {
    const other = tensor(storage('DoubleStorage', '0', 9), 0, [4], [1]);
    const [first, second] = read(list(tensor(four, 0, [4], [1]), other)) as StoredTensor[];
    expect([[...first!.values], [...second!.values]]).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
  });

  test('of a storage as it was before PyTorch 0.4 is of a part of it', () => {
    const part = (offset: number, count: number) =>
      storage('FloatStorage', '0', 4, tuple(text('1'), integer(offset), integer(count)));
    expect(values(tensor(part(2, 2), 0, [2], [1]))).toEqual([3, 4]);
    expect(() => read(tensor(part(2, 2), 1, [2], [1]))).toThrow('it ends at element 3 of 2');
    expect(() => read(part(2, 3))).toThrow('a part of storage 0 lies outside of it');
    expect(() => read(storage('FloatStorage', '0', 4, tuple(text('1'), integer(2))))).toThrow(
      'storage 0 has a part without place or size',
    );
    expect(() => read(storage('FloatStorage', '0', 4, tuple(text('1'), text('a'), integer(2))))).toThrow(
      'storage 0 has a part without place or size',
    );
    expect(values(tensor(storage('FloatStorage', '0', 4, 'N'), 0, [4], [1]))).toEqual([1, 2, 3, 4]);
  });

  test('may be of another type than its storage, which then is bytes', () => {
    const typed = (type: string, shape: number[]) =>
      call(
        'torch._utils._rebuild_tensor_v3',
        storage('UntypedStorage', '0', 16),
        integer(0),
        tuple(...shape.map(integer)),
        tuple(integer(1)),
        '\x89',
        call('collections.OrderedDict'),
        named(`torch.${type}`),
      );
    expect(values(typed('float32', [4]))).toEqual([1, 2, 3, 4]);
    expect(values(typed('uint16', [8]))).toEqual([0, 0x3f80, 0, 0x4000, 0, 0x4040, 0, 0x4080]);
    expect(() => read(typed('float64', [3]))).toThrow('it ends at element 3 of 2');
    const odd = read(typed('complex32', [4])) as StoredTensor;
    expect([odd.dtype, odd.shape]).toEqual(['complex32', [4]]);
    expect(() => odd.values).toThrow('its elements are complex32, which is not understood');
  });

  test('is rebuilt by the calls of PyTorch alone', () => {
    const args = [four, integer(0), tuple(integer(4)), tuple(integer(1))] as const;
    expect(values(call('torch._utils._rebuild_tensor', ...args))).toEqual([1, 2, 3, 4]);
    const others = [
      call('torch._utils._rebuild_tensor_v2', 'N', ...args.slice(1)),
      call('torch._utils._rebuild_tensor_v3', ...args, '\x89', '}', text('float32')),
      call('torch._utils._rebuild_tensor_v3', 'N', ...args.slice(1), '\x89', '}', named('torch.float32')),
      call('torch._tensor._rebuild_from_type', text('torch._utils._rebuild_tensor'), 'N', tuple(...args)),
      call('torch._tensor._rebuild_from_type', named('my.torch._utils._rebuild_tensor'), 'N', tuple(...args)),
      call('torch.storage._load_from_bytes', text('bytes')),
      call('torch._utils._rebuild_qtensor', 'N', 'N', text('shape')),
    ];
    for (const other of others) expect(read(other)).toBeInstanceOf(PickledObject);
  });

  test.each([
    ['of a type that there is not', storage('TextStorage', '0', 4), 'storage 0 is of the unknown type TextStorage'],
    [
      'without a name',
      `${tuple(text('storage'), named('torch.FloatStorage'), byte(0), text('cpu'), integer(4))}Q`,
      'it has a storage without name or size',
    ],
    [
      'without a size',
      `${tuple(text('storage'), named('torch.FloatStorage'), text('0'), text('cpu'), text('4'))}Q`,
      'it has a storage without name or size',
    ],
    ['that is missing', storage('FloatStorage', '1', 4), 'storage 1 is missing'],
    ['that is larger than its file', storage('FloatStorage', '0', 5), 'has 16 bytes, its 5 elements need 20'],
    ['that is smaller than its file', storage('FloatStorage', '0', 3), 'has 16 bytes, its 3 elements need 12'],
  ])('of a storage %s is an error', (_, content, message) => {
    expect(() => read(content)).toThrow(message);
  });

  test('is a parameter, or of a subclass, with what lies in it', () => {
    const whole = tensor(four, 0, [4], [1]);
    for (const name of [
      'torch._utils._rebuild_parameter',
      'torch._utils._rebuild_parameter_with_state',
      'torch._utils._rebuild_device_tensor_from_numpy',
      'torch._utils._rebuild_xla_tensor',
    ])
      expect(values(call(name, whole, '\x89', call('collections.OrderedDict')))).toEqual([1, 2, 3, 4]);
    const parts = tuple(four, integer(1), tuple(integer(2)), tuple(integer(1)), '\x89', '}');
    for (const name of ['torch._tensor._rebuild_from_type', 'torch._tensor._rebuild_from_type_v2']) {
      const rebuilt = (rebuild: string, items: string) =>
        call(name, named(rebuild), named('m.Tensor'), items, dictionary({}));
      expect(values(rebuilt('torch._utils._rebuild_tensor_v2', parts))).toEqual([2, 3]);
      expect(values(rebuilt('torch._utils._rebuild_parameter', tuple(whole)))).toEqual([1, 2, 3, 4]);
      expect(read(rebuilt('os._utils._rebuild_tensor', parts))).toBeInstanceOf(PickledObject);
      expect(read(rebuilt('torch._utils._rebuild_tensor_v2', byte(1)))).toBeInstanceOf(PickledObject);
    }
  });
});

describe('an archive of PyTorch', () => {
  test('has a pickle in its folder, or lies open', () => {
    const data = pickle(byte(7));
    for (const name of ['data.pkl', 'weights/data.pkl', 'a/b/data.pkl']) {
      expect(readTorchFile('x', memoryBytes(zipSync({ other: data, [name]: data })))).toBe(7);
    }
    const others = (names: string[]) =>
      readTorchFile('x', memoryBytes(zipSync(Object.fromEntries(names.map((name) => [name, data])))));
    expect(() => others([])).toThrow(new Error('the archive has no data.pkl but nothing'));
    expect(() => others(['a', 'mydata.pkl', 'c'])).toThrow(
      new Error('the archive has no data.pkl but a, mydata.pkl, c'),
    );
    expect(() => others(['a', 'b', 'c', 'd'])).toThrow('has no data.pkl but a, b, c, ... (4 files)');
  });

  test('says in which order the bytes of its numbers are', () => {
    const swapped = Buffer.from(FOUR[0].buffer.slice(0)).swap32();
    const archive = (order: string) =>
      zipSync({
        'w/data.pkl': pickle(tensor(four, 0, [4], [1])),
        'w/data/0': order === 'big' ? swapped : new Uint8Array(FOUR[0].buffer),
        'w/byteorder': Buffer.from(order),
      });
    for (const order of ['little', 'big', '', 'big and much longer than an order is']) {
      const content = readTorchFile('x', memoryBytes(archive(order))) as StoredTensor;
      expect([...content.values]).toEqual([1, 2, 3, 4]);
    }
  });
});

test('an object that persistence describes has the name of its class', () => {
  const rebuild = 'torch_utils.persistence._reconstruct_persistent_obj';
  const described = dictionary({ class_name: text('Layer'), state: byte(1) });
  expect(read(call(rebuild, described))).toMatchObject({ path: 'Layer', state: 1 });
  expect(read(call(rebuild, byte(1)))).toEqual(new PickledObject(rebuild, [1]));
  expect(read(call('m.f', described))).toMatchObject({ path: 'm.f', state: undefined });
});

describe("a file of torch.save's older format", () => {
  const count = (value: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
  };

  test('may have whole modules, which come with their source, as their class', () => {
    const module = `${tuple(text('module'), named('m.Net'), text('net.py'), text('class Net: ...'))}Q)R`;
    expect(readTorchFile('x', memoryBytes(legacyHead(module, [])))).toEqual(new PickledObject('m.Net', []));
    const other = `${tuple(text('elsewhere'), byte(1))}Q`;
    expect(readTorchFile('x', memoryBytes(legacyHead(other, [])))).toEqual(
      new PickledObject('(a persistent id)', [['elsewhere', 1]]),
    );
  });

  test('has the storages that it lists and names, each with its size', () => {
    const one = storage('FloatStorage', '7', 1, 'N');
    const read = (keys: string[], ...rest: Uint8Array[]) =>
      readTorchFile('x', memoryBytes(Buffer.concat([legacyHead(tensor(one, 0, [1], [1]), keys), ...rest])));
    const content = new Uint8Array(Float32Array.of(2).buffer);
    expect([...(read(['7'], count(1), content) as StoredTensor).values]).toEqual([2]);
    const none = legacyHead(tensor(storage('FloatStorage', '7', 0, 'N'), 0, [0], [1]), ['7']);
    const empty = readTorchFile('x', memoryBytes(Buffer.concat([none, count(0)]))) as StoredTensor;
    expect(empty.values).toEqual(new Float32Array(0));
    expect(() => read(['8'], count(1), content)).toThrow('storage 8 is missing');
    expect(() => read([])).toThrow('storage 7 is missing');
    expect(() => read(['7'], count(1).subarray(0, 7))).toThrow('storage 7 is missing');
    expect(() => read(['7'], count(2), content)).toThrow('storage 7 has 2 elements, not 1');
    expect(() => read(['7'], count(1), content.subarray(1))).toThrow('storage 7 is cut off');
    const [magic, keys] = [legacyHead(byte(1), []), pickle(byte(1))];
    const withoutList = Buffer.concat([magic.subarray(0, magic.length - pickle('](e').length), keys]);
    expect(() => readTorchFile('x', memoryBytes(withoutList))).toThrow('it has no list of storages');
  });
});
