import { memoryBytes } from '../files/bytes.ts';
import { Global, PickledBytes, PickledObject } from './pickle-objects.ts';

/** Calls of Python's own containers; undefined for any other, and for arguments that they do not take. */
export function pythonCall({ path }: Global, args: readonly unknown[]): unknown {
  const [first, second, third] = args;
  switch (path) {
    case 'collections.OrderedDict': // Python 2 gives the items as an argument
    case 'collections.Counter':
    case 'builtins.dict':
      return mapOf(first);
    case 'collections.defaultdict': // the first argument makes values of missing keys
      return mapOf(second);
    case 'builtins.set':
    case 'builtins.frozenset':
      return args.length === 0 || Array.isArray(first) ? new Set((first as unknown[] | undefined) ?? []) : undefined;
    case 'builtins.list':
    case 'builtins.tuple':
    case 'torch.Size':
      return args.length === 0 ? [] : Array.isArray(first) ? [...(first as unknown[])] : undefined;
    case '_codecs.encode': // bytes, in the protocols that have none
      return typeof first === 'string' ? latinBytes(first) : undefined;
    case 'builtins.bytes':
    case 'builtins.bytearray':
      if (args.length === 0) return latinBytes('');
      return typeof first === 'string' ? latinBytes(first) : first instanceof PickledBytes ? first : undefined;
    case 'copyreg._reconstructor': // an object of a class in the protocols 0 and 1; `dict` and `list` give their items
      return first instanceof Global ? reconstructed(first.path, third) : undefined;
    case 'copyreg.__newobj__':
      return first instanceof Global ? new PickledObject(first.path, args.slice(1)) : undefined;
    default:
      return undefined;
  }
}

/** A map of its items: pairs, another map, or none. */
function mapOf(items: unknown): Map<unknown, unknown> | undefined {
  if (items === undefined) return new Map();
  if (items instanceof Map) return new Map(items);
  const isPairs = Array.isArray(items) && items.every((item) => Array.isArray(item) && item.length === 2);
  return isPairs ? new Map(items as [unknown, unknown][]) : undefined;
}

function latinBytes(text: string): PickledBytes {
  return new PickledBytes(memoryBytes(Uint8Array.from(Buffer.from(text, 'latin1'))));
}

function reconstructed(path: string, items: unknown): PickledObject {
  const object = new PickledObject(path);
  if (items instanceof Map) object.entries = new Map(items);
  if (Array.isArray(items)) object.elements = [...(items as unknown[])];
  return object;
}
