import type { StateDict, StateTensor } from '../nn/parameters.ts';
import { byteSize, decode, type DType } from './dtype.ts';
import { parseFile, readBytes } from './file.ts';
import { Global, unpickle, unpickleFirst, type Unpickling } from './pickle.ts';
import { numpyBuild, numpyCall } from './numpy.ts';
import { unzip } from './zip.ts';

/** A pickle's first byte (protocol 2 and later), which no zip archive has. */
const PICKLE = 0x80;

/** 0x1950a86a20f9469cfc6c, as near as a number comes. */
const MAGIC = Number(0x1950a86a20f9469cfc6cn);

const STORAGES: Record<string, DType> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

interface Storage {
  readonly key: string;
  readonly dtype: DType;
  readonly bytes: Uint8Array;
}

/**
 * Tensors of a checkpoint that `torch.save` wrote, in its zip format (PyTorch 1.6 and later) or the older one. Dictionaries and lists in it are
 * flattened, keys joined by dots: `{'params': {'intro.weight': w}}` gives `params.intro.weight` (`withoutPrefix` takes
 * `params` off); what is no tensor is left out. All element types become float32. Nothing of the file is executed.
 *
 * Errors: `UserError` naming the file if it is missing, damaged, or holds more than data.
 */
export function readPth(file: string): StateDict {
  return new Map(flatten(readPthValues(file), ''));
}

/**
 * All that a checkpoint holds, as it is: dictionaries as maps, lists and tuples as arrays, numbers (NumPy's as well), text, `StateTensor`s.
 * Nothing of the file is executed. Errors: as `readPth`.
 */
export function readPthValues(file: string): unknown {
  const bytes = readBytes(file);
  return parseFile(file, 'PyTorch checkpoint', () => (bytes[0] === PICKLE ? parseLegacy(bytes) : parseZip(bytes)));
}

/** The tensors whose names begin with `prefix` and a dot, without it. */
export function withoutPrefix(state: StateDict, prefix: string): StateDict {
  const start = `${prefix}.`;
  return new Map(
    [...state].filter(([name]) => name.startsWith(start)).map(([name, tensor]) => [name.slice(start.length), tensor]),
  );
}

function parseZip(bytes: Uint8Array): unknown {
  const members = unzip(bytes);
  const pickle = [...members.keys()].find((name) => name.endsWith('/data.pkl'));
  if (pickle === undefined) throw new Error('the archive has no data.pkl');
  const folder = pickle.slice(0, -'data.pkl'.length);
  const order = members.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(order).trim() !== 'little') throw new Error('its numbers are big-endian');
  return content(members.get(pickle)!, (key) => members.get(`${folder}data/${key}`));
}

/**
 * The format before PyTorch 1.6 (pytorch:torch/serialization.py, _legacy_load): pickles of a magic number, the protocol, the
 * machine, the object and the list of storage keys, and then each storage, its count of elements in front.
 */
function parseLegacy(bytes: Uint8Array): unknown {
  const types = new Map<string, DType>();
  const noted: Unpickling = {
    persistent: (id) => void types.set(...keyAndType(id)),
    call: () => new Map(), // only the storages are looked for
  };
  const pickles: { content: Uint8Array; value: unknown }[] = [];
  let rest = bytes;
  for (let i = 0; i < 5; i++) {
    const { value, end } = unpickleFirst(rest, noted);
    pickles.push({ content: rest.subarray(0, end), value });
    rest = rest.subarray(end);
  }
  const [magic, , machine, object, keys] = pickles;
  if (magic!.value !== MAGIC) throw new Error('it is a pickle, but none of torch.save');
  if (machine!.value instanceof Map && machine!.value.get('little_endian') === false)
    throw new Error('its numbers are big-endian');
  const storages = new Map<string, Uint8Array>();
  for (const key of keys!.value as string[]) {
    const type = types.get(key);
    if (!type || rest.length < 8) throw new Error(`storage ${key} is missing`);
    const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
    const end = 8 + Number(view.getBigInt64(0, true)) * byteSize(type);
    if (end > rest.length) throw new Error(`storage ${key} is cut off`);
    storages.set(key, rest.slice(8, end));
    rest = rest.subarray(end);
  }
  return content(object!.content, (key) => storages.get(key));
}

function content(pickle: Uint8Array, data: (key: string) => Uint8Array | undefined): unknown {
  const decoded = new Map<string, Float32Array>();
  return unpickle(pickle, {
    persistent: (id) => storage(id, data),
    call: (callable, args) => numpyCall(callable, args) ?? call(callable, args, decoded),
    build: numpyBuild,
  });
}

function storage(id: unknown, data: (key: string) => Uint8Array | undefined): Storage {
  const [key, dtype] = keyAndType(id);
  const bytes = data(key);
  if (!bytes) throw new Error(`storage ${key} is missing`);
  return { key, dtype, bytes };
}

/** Persistent ids are `('storage', type, key, device, element count)`. */
function keyAndType(id: unknown): [string, DType] {
  const [tag, type, key, , , view] = id as [string, Global, string, ...unknown[]];
  const dtype = type instanceof Global ? STORAGES[type.name] : undefined;
  if (tag !== 'storage' || !dtype) throw new Error('it has a storage of an unknown type');
  if (view) throw new Error('it has storages that are parts of others (PyTorch before 0.4)');
  return [key, dtype];
}

function call(callable: Global, args: readonly unknown[], storages: Map<string, Float32Array>): unknown {
  switch (callable.path) {
    case 'collections.OrderedDict':
    case 'builtins.dict':
      return new Map();
    case 'torch._utils._rebuild_tensor':
    case 'torch._utils._rebuild_tensor_v2': {
      const [source, offset, shape, strides] = args as [Storage, number, number[], number[]];
      const values = storages.get(source.key) ?? decode(source.bytes, source.dtype);
      storages.set(source.key, values);
      return tensor(values, offset, shape, strides);
    }
    case 'torch._utils._rebuild_parameter':
      return args[0];
    case 'torch.Size':
    case 'builtins.list':
    case 'builtins.tuple':
      return args[0] ?? [];
    default:
      throw new Error(`it calls ${callable.path}, which is more than data`);
  }
}

/** A view of a storage, copied out in C order. */
function tensor(storage: Float32Array, offset: number, shape: number[], strides: number[]): StateTensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const last = shape.reduce((at, length, axis) => at + (length - 1) * strides[axis]!, offset);
  if (size > 0 && (offset < 0 || last >= storage.length)) throw new Error('a tensor lies outside of its storage');
  const values = new Float32Array(size);
  const index = new Array<number>(shape.length).fill(0);
  let source = offset;
  for (let target = 0; target < size; target++) {
    values[target] = storage[source]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      source -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return { shape, values };
}

function* flatten(node: unknown, name: string): Generator<[string, StateTensor]> {
  if (isTensor(node)) yield [name, node];
  else if (node instanceof Map || Array.isArray(node)) {
    for (const [key, child] of node.entries() as Iterable<[unknown, unknown]>) {
      yield* flatten(child, name ? `${name}.${String(key)}` : String(key));
    }
  }
}

function isTensor(node: unknown): node is StateTensor {
  return typeof node === 'object' && node !== null && 'values' in node && node.values instanceof Float32Array;
}
