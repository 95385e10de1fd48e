import { UserError } from '../errors/user-error.ts';
import { memoryBytes, readRange, subBytes, type Bytes } from '../files/bytes.ts';
import { Budget } from './budget.ts';
import { numpyCall } from './numpy.ts';
import { unpickle, type Unpickling } from './pickle.ts';
import { PickledObject, type Global } from './pickle-objects.ts';
import { PickleReader } from './pickle-reader.ts';
import { pythonCall } from './python-calls.ts';
import { newStorage, storageId, torchCall, type TorchStorage } from './torch-calls.ts';
import { unzip } from './zip.ts';

/** 0x1950a86a20f9469cfc6c, as near as a number comes. */
const MAGIC = Number(0x1950a86a20f9469cfc6cn);
const ZIP = 'PK';
const DATA = /^(?:.*\/)?data\.pkl$/s;
/** Larger pickles are read from the file bit by bit. */
const SMALL = 2 ** 26;
const MOST_NESTED = 4;

/**
 * The object that a file of PyTorch or a plain pickle holds: `torch.save`'s zip format (PyTorch 1.6 and later), its older one, or what
 * `pickle.dump` writes, protocols 0 to 5. See `unpickle` for what Python's types become; tensors are `StoredTensor`s.
 *
 * Errors: it is damaged, or a `UserError` if it is TorchScript.
 * @param file its name, for messages
 */
export function readTorchFile(file: string, bytes: Bytes): unknown {
  return readPayload(bytes, { file, budget: new Budget(bytes.size), depth: 0 });
}

interface Context {
  readonly file: string;
  readonly budget: Budget;
  /** How many payloads this one lies in. */
  readonly depth: number;
}

function readPayload(bytes: Bytes, context: Context): unknown {
  const head = readRange(bytes, 0, Math.min(ZIP.length, bytes.size));
  return Buffer.from(head).toString('latin1') === ZIP ? readZip(bytes, context) : readPickles(bytes, context);
}

function readZip(bytes: Bytes, context: Context): unknown {
  const members = unzip(bytes);
  const name = [...members.keys()].find((each) => DATA.test(each));
  if (name === undefined) throw new Error(`the archive has no data.pkl but ${shown([...members.keys()])}`);
  const folder = name.slice(0, -'data.pkl'.length);
  if (members.has(`${folder}constants.pkl`)) throw torchScript(context.file);
  const order = members.get(`${folder}byteorder`);
  const isLittle = !order || Buffer.from(readRange(order, 0, Math.min(order.size, 16))).toString('latin1') !== 'big';
  const storages = new Storages(isLittle, ({ key }) => members.get(`${folder}data/${key}`)!);
  const check = (storage: TorchStorage) => {
    const size = members.get(`${folder}data/${storage.key}`)?.size;
    if (size === undefined) throw new Error(`storage ${storage.key} is missing`);
    const { count, bytes } = storage;
    if (Math.floor(size / bytes) !== count)
      throw new Error(`storage ${storage.key} has ${size} bytes, its ${count} elements need ${count * bytes}`);
  };
  const data = members.get(name)!;
  const pickle = data.size <= SMALL ? memoryBytes(readRange(data, 0, data.size)) : data;
  return unpickle(new PickleReader(pickle, context.budget), meaning(storages, context, check), context.budget);
}

/**
 * A plain pickle, or the format before PyTorch 1.6 (pytorch:torch/serialization.py, _legacy_load): pickles of a magic number, the
 * protocol, the machine, the object and the list of storage keys, and then each storage, its count of elements in front. Its numbers are
 * little-endian, whatever the machine (pytorch:torch/csrc/serialization.cpp, writeFileRaw).
 */
function readPickles(bytes: Bytes, context: Context): unknown {
  const located = new Map<string, Bytes>();
  const storages = new Storages(true, ({ key }) => {
    const content = located.get(key);
    if (!content) throw new Error(`storage ${key} is missing`);
    return content;
  });
  const reader = new PickleReader(bytes, context.budget);
  const unpickling = meaning(storages, context);
  const next = () => unpickle(reader, unpickling, context.budget);

  const first = next();
  if (first !== MAGIC) return first;
  next(); // the protocol
  next(); // the machine
  const object = next();
  const keys = next();
  if (!Array.isArray(keys)) throw new Error('it has no list of storages');
  let position = reader.position;
  for (const key of keys as unknown[]) {
    const storage = storages.get(String(key));
    if (!storage || position + 8 > bytes.size) throw new Error(`storage ${String(key)} is missing`);
    const begin = position + 8;
    const count = Number(new DataView(readRange(bytes, position, begin).buffer).getBigInt64(0, true));
    if (count !== storage.count) throw new Error(`storage ${storage.key} has ${count} elements, not ${storage.count}`);
    position = begin + count * storage.bytes;
    if (position > bytes.size) throw new Error(`storage ${storage.key} is cut off`);
    located.set(storage.key, subBytes(bytes, begin, position));
  }
  for (const storage of storages.all()) storage.content();
  return object;
}

/** The storages that a pickle refers to, each once. */
class Storages {
  readonly #known = new Map<string, TorchStorage>();

  constructor(
    private readonly isLittle: boolean,
    private readonly locate: (storage: TorchStorage) => Bytes,
  ) {}

  get(key: string): TorchStorage | undefined {
    return this.#known.get(key);
  }

  all(): Iterable<TorchStorage> {
    return this.#known.values();
  }

  /** What a persistent id means; undefined where it is no storage. */
  of(id: unknown, check?: (storage: TorchStorage) => void): TorchStorage | undefined {
    const parsed = storageId(id);
    if (!parsed) return undefined;
    let storage = this.#known.get(parsed.key);
    if (!storage) {
      storage = newStorage(parsed, this.isLittle, this.locate);
      check?.(storage);
      this.#known.set(parsed.key, storage);
    }
    return parsed.part ? storage.part(...parsed.part) : storage;
  }
}

function meaning(storages: Storages, context: Context, check?: (storage: TorchStorage) => void): Unpickling {
  const load = (payload: Bytes) => {
    if (context.depth >= MOST_NESTED) throw new Error('it has payloads of torch.save within one another');
    context.budget.spend(1024);
    return readPayload(payload, { ...context, depth: context.depth + 1 });
  };
  return {
    persistent: (id) => storages.of(id, check) ?? moduleClass(id) ?? new PickledObject('(a persistent id)', [id]),
    call: (callable, args) =>
      pythonCall(callable, args) ??
      numpyCall(callable, args) ??
      torchCall(callable, args, load) ??
      persistentObject(callable, args),
  };
}

/** Whole modules in the older format come with their source: `('module', class, file, source)`. */
function moduleClass(id: unknown): unknown {
  return Array.isArray(id) && id[0] === 'module' ? (id as unknown[])[1] : undefined;
}

/**
 * An object as NVlabs' `torch_utils/persistence.py` pickles it: with the source of its class, which is left alone. Its path is the class's
 * name, its only argument all that is noted about it.
 */
function persistentObject({ path }: Global, [meta]: readonly unknown[]): PickledObject | undefined {
  if (!path.endsWith('persistence._reconstruct_persistent_obj') || !(meta instanceof Map)) return undefined;
  const object = new PickledObject(String(meta.get('class_name')), [meta]);
  object.state = meta.get('state');
  return object;
}

function torchScript(file: string): UserError {
  return new UserError(
    `${file} is TorchScript, which holds a program beside its weights. Write the weights alone in Python: ` +
      'torch.save(torch.jit.load(FILE).state_dict(), NEW_FILE)',
  );
}

function shown(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  return names.slice(0, 3).join(', ') + (names.length > 3 ? `, ... (${names.length} files)` : '');
}
