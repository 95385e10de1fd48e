import { UserError } from '../errors/user-error.ts';
import type { StateDict, StateTensor } from '../nn/parameters.ts';
import { decode, type DType } from './dtype.ts';
import { parseFile, readBytes } from './file.ts';
import { Global, unpickle } from './pickle.ts';
import { unzip } from './zip.ts';

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
 * Tensors of a checkpoint that `torch.save` wrote in its zip format (PyTorch 1.6 and later). Dictionaries and lists in it are
 * flattened, keys joined by dots: `{'params': {'intro.weight': w}}` gives `params.intro.weight` (`withoutPrefix` takes
 * `params` off); what is no tensor is left out. All element types become float32. Nothing of the file is executed.
 *
 * Errors: `UserError` naming the file if it is missing, damaged, in the format before PyTorch 1.6, or holds more than data.
 */
export function readPth(file: string): StateDict {
  const bytes = readBytes(file);
  if (bytes[0] === 0x80) {
    throw new UserError(
      `${file} is in the format that PyTorch wrote before 1.6, which cannot be read. ` +
        `Load it in PyTorch 1.6 or later and save it again with torch.save(torch.load(file, map_location='cpu'), file).`,
    );
  }
  return parseFile(file, 'PyTorch checkpoint', () => parse(bytes));
}

/** The tensors whose names begin with `prefix` and a dot, without it. */
export function withoutPrefix(state: StateDict, prefix: string): StateDict {
  const start = `${prefix}.`;
  return new Map(
    [...state].filter(([name]) => name.startsWith(start)).map(([name, tensor]) => [name.slice(start.length), tensor]),
  );
}

function parse(bytes: Uint8Array): StateDict {
  const members = unzip(bytes);
  const pickle = [...members.keys()].find((name) => name.endsWith('/data.pkl'));
  if (pickle === undefined) throw new Error('the archive has no data.pkl');
  const folder = pickle.slice(0, -'data.pkl'.length);
  const order = members.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(order).trim() !== 'little') throw new Error('its numbers are big-endian');
  const storages = new Map<string, Float32Array>();
  const content = unpickle(members.get(pickle)!, {
    persistent: (id) => storage(id, (key) => members.get(`${folder}data/${key}`)),
    call: (callable, args) => call(callable, args, storages),
  });
  return new Map(flatten(content, ''));
}

/** Persistent ids are `('storage', type, key, device, element count)`. */
function storage(id: unknown, data: (key: string) => Uint8Array | undefined): Storage {
  const [tag, type, key] = id as [string, Global, string];
  const dtype = type instanceof Global ? STORAGES[type.name] : undefined;
  if (tag !== 'storage' || !dtype) throw new Error('it has a storage of an unknown type');
  const bytes = data(key);
  if (!bytes) throw new Error(`storage ${key} is missing`);
  return { key, dtype, bytes };
}

function call(callable: Global, args: readonly unknown[], storages: Map<string, Float32Array>): unknown {
  switch (callable.path) {
    case 'collections.OrderedDict':
    case 'builtins.dict':
      return new Map();
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
