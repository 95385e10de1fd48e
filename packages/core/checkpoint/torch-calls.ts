import { subBytes, type Bytes } from '../files/bytes.ts';
import { byteSize, isDType, type DType } from './dtype.ts';
import { Global, PickledBytes } from './pickle-objects.ts';
import { isLengths, unreadable, viewOf, type Storage, type StoredTensor } from './stored-tensor.ts';

/** PyTorch's element types; those of another name (complex, quantised) are not understood. */
const DTYPES: Record<string, DType> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  float8_e5m2: 'F8_E5M2',
  float8_e4m3fn: 'F8_E4M3',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint64: 'U64',
  uint32: 'U32',
  uint16: 'U16',
  uint8: 'U8',
  bool: 'BOOL',
};

/** Element types of storages, and bytes of an element. */
const STORAGES: Record<string, readonly [dtype: string, bytes: number]> = {
  DoubleStorage: ['F64', 8],
  FloatStorage: ['F32', 4],
  HalfStorage: ['F16', 2],
  BFloat16Storage: ['BF16', 2],
  LongStorage: ['I64', 8],
  IntStorage: ['I32', 4],
  ShortStorage: ['I16', 2],
  CharStorage: ['I8', 1],
  ByteStorage: ['U8', 1],
  BoolStorage: ['BOOL', 1],
  UntypedStorage: ['U8', 1],
  ComplexFloatStorage: ['complex64', 8],
  ComplexDoubleStorage: ['complex128', 16],
  QInt8Storage: ['qint8', 1],
  QUInt8Storage: ['quint8', 1],
  QInt32Storage: ['qint32', 4],
  QUInt4x2Storage: ['quint4x2', 1],
  QUInt2x4Storage: ['quint2x4', 1],
};

/** What rebuilds a tensor that one of a subclass is made of. */
const PLAIN = /^torch\._utils\._rebuild_(tensor|parameter)/;

/** A storage that a pickle refers to. */
export class TorchStorage implements Storage {
  constructor(
    readonly key: string,
    readonly dtype: string,
    /** The size of one element. */
    readonly bytes: number,
    readonly count: number,
    readonly isLittle: boolean,
    readonly content: () => Bytes,
  ) {}

  /** The same bytes as elements of another type. */
  as(dtype: string): TorchStorage {
    const { key, bytes, count, isLittle, content } = this;
    if (!isDType(dtype)) return new TorchStorage(key, dtype, bytes, Infinity, isLittle, content);
    const size = byteSize(dtype);
    return new TorchStorage(key, dtype, size, Math.floor((count * bytes) / size), isLittle, content);
  }

  /** `count` elements from `offset` on. Errors: they are not all there. */
  part(offset: number, count: number): TorchStorage {
    const { key, dtype, bytes, isLittle, content } = this;
    if (offset + count > this.count) throw new Error(`a part of storage ${key} lies outside of it`);
    const part = () => subBytes(content(), offset * bytes, (offset + count) * bytes);
    return new TorchStorage(key, dtype, bytes, count, isLittle, part);
  }
}

/** The part of a storage that a persistent id means; the whole one, but for files before PyTorch 0.4. */
interface StorageId {
  readonly key: string;
  readonly type: string;
  readonly count: number;
  /** In elements. */
  readonly part: readonly [offset: number, count: number] | undefined;
}

/**
 * Of `('storage', type, key, device, element count)`, before PyTorch 0.4 with `(key, offset, element count)` at the end; undefined for an
 * id of something else. Errors: it is damaged.
 */
export function storageId(id: unknown): StorageId | undefined {
  const [tag, type, key, , count, view] = Array.isArray(id) ? (id as unknown[]) : [];
  if (tag !== 'storage' || !(type instanceof Global)) return undefined;
  if (typeof key !== 'string' || !isLengths([count])) throw new Error('it has a storage without name or size');
  const part = Array.isArray(view) ? (view as unknown[]).slice(1, 3) : undefined;
  if (part && !(isLengths(part) && part.length === 2))
    throw new Error(`storage ${key} has a part without place or size`);
  return { key, type: type.name, count: count as number, part: part as [number, number] | undefined };
}

/** @param locate gives the storage's bytes */
export function newStorage(
  { key, type, count }: StorageId,
  isLittle: boolean,
  locate: (storage: TorchStorage) => Bytes,
): TorchStorage {
  const known = STORAGES[type];
  if (!known) throw new Error(`storage ${key} is of the unknown type ${type}`);
  const storage: TorchStorage = new TorchStorage(key, ...known, count, isLittle, () => locate(storage));
  return storage;
}

/**
 * Calls by which PyTorch rebuilds tensors; undefined for any other.
 * @param load what a whole payload of `torch.save` holds, which lies in a pickle
 * Errors: a tensor that its storage cannot hold.
 */
export function torchCall(
  { path }: Global,
  args: readonly unknown[],
  load: (payload: PickledBytes) => unknown,
): unknown {
  switch (path) {
    case 'torch._utils._rebuild_tensor':
    case 'torch._utils._rebuild_tensor_v2': {
      const [storage, offset, shape, strides] = args;
      return storage instanceof TorchStorage ? viewOf(storage, offset, shape, strides) : undefined;
    }
    case 'torch._utils._rebuild_tensor_v3': {
      const [storage, offset, shape, strides, , , type] = args;
      if (!(storage instanceof TorchStorage) || !(type instanceof Global)) return undefined;
      return viewOf(storage.as(DTYPES[type.name] ?? type.name), offset, shape, strides);
    }
    case 'torch._utils._rebuild_parameter':
    case 'torch._utils._rebuild_parameter_with_state':
    case 'torch._utils._rebuild_device_tensor_from_numpy':
    case 'torch._utils._rebuild_xla_tensor':
      return args[0];
    case 'torch._tensor._rebuild_from_type':
    case 'torch._tensor._rebuild_from_type_v2': {
      const [rebuild, , parts] = args;
      const isCall = rebuild instanceof Global && PLAIN.test(rebuild.path) && Array.isArray(parts);
      return isCall ? torchCall(rebuild, parts as unknown[], load) : undefined;
    }
    case 'torch._utils._rebuild_sparse_tensor':
    case 'torch._utils._rebuild_sparse_csr_tensor':
      return Array.isArray(args[1]) ? ofShape((args[1] as unknown[]).find(isLengths), 'sparse') : undefined;
    case 'torch._utils._rebuild_qtensor':
      return ofShape(args[2], 'quantised');
    case 'torch._utils._rebuild_meta_tensor_no_storage':
      return ofShape(args[1], 'without values (of the device "meta")');
    case 'torch.storage._load_from_bytes':
      return args[0] instanceof PickledBytes ? load(args[0]) : undefined;
    default:
      return undefined;
  }
}

function ofShape(shape: unknown, kind: string): StoredTensor | undefined {
  return isLengths(shape) ? unreadable(kind, shape, `it is ${kind}`) : undefined;
}
