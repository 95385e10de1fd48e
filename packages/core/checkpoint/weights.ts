import { UserError } from '../errors/user-error.ts';
import { readRange, type Bytes } from '../files/bytes.ts';
import { fileBytes } from '../files/file-bytes.ts';
import { parseFile } from '../files/parse-file.ts';
import type { StateDict } from '../nn/parameters.ts';
import { otherFile } from './other-files.ts';
import { PickledObject } from './pickle-objects.ts';
import { readSafetensors } from './safetensors.ts';
import { dtypesOf, stateDictOf } from './stored-tensor.ts';
import { readTorchFile } from './torch-file.ts';
import { isModule, tensorsOf } from './tree.ts';

/** A checkpoint that is open to look at. Only its structure is in memory: values of tensors are read when they are asked for. */
interface Checkpoint {
  readonly file: string;
  /**
   * All that it holds, as it is: dictionaries are maps, lists and tuples arrays, numbers (NumPy's as well) numbers, tensors `StoredTensor`s,
   * objects of other classes `PickledObject`s with their class's path and their state, never executed. Of safetensors, the map of tensors.
   * No container contains itself.
   */
  readonly root: unknown;
  /**
   * The tensors in its dictionaries and lists, keys joined by dots (see `tensorsOf`); values become float32.
   * Errors, when values are asked for: `UserError` naming file and tensor.
   */
  readonly tensors: StateDict;
  /** Their element types in the file, by safetensors' names: `F32`. */
  readonly dtypes: ReadonlyMap<string, string>;
  /** What a safetensors file says beside its tensors; empty for others. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Opens a checkpoint of any size: safetensors, a file of `torch.save` or a plain pickle, whatever its name. Nothing of it is executed, and
 * memory and time stay within bounds, whatever it says.
 *
 * Errors: `UserError` naming the file, what is wrong and what to do if it is missing, damaged or something else.
 */
export function readCheckpoint(file: string): Checkpoint {
  const bytes = fileBytes(file);
  const other = otherFile(bytes);
  if (other !== undefined) throw new UserError(`${file} ${other}`);
  if (/\.safetensors$/i.test(file) || isSafetensors(bytes)) {
    const { tensors, dtypes, metadata } = readSafetensors(file);
    return { file, root: tensors, tensors, dtypes, metadata };
  }
  return parseFile(file, 'PyTorch checkpoint', () => {
    const root = readTorchFile(file, bytes);
    const tensors = tensorsOf(root);
    return { file, root, tensors: stateDictOf(file, tensors), dtypes: dtypesOf(tensors), metadata: new Map() };
  });
}

/** The tensors of a checkpoint (see `readCheckpoint`). Errors: also if it holds none. */
export function readWeights(file: string): StateDict {
  const { root, tensors } = readCheckpoint(file);
  if (tensors.size === 0) throw new UserError(`${file} ${withoutTensors(root)}`);
  return tensors;
}

/** A header of JSON follows its own length. */
function isSafetensors(bytes: Bytes): boolean {
  if (bytes.size < 10) return false;
  const head = readRange(bytes, 0, 9);
  return new DataView(head.buffer).getBigUint64(0, true) <= bytes.size - 8 && head[8] === '{'.charCodeAt(0);
}

function withoutTensors(root: unknown): string {
  const values = root instanceof Map ? [...(root as Map<unknown, unknown>).values()] : [root];
  const module = values.find(isModule);
  if (module) {
    return (
      `holds a pickled module (${module.path}) instead of weights. Load it in Python with the code that defines it, ` +
      'and write its weights alone: torch.save(module.state_dict(), NEW_FILE)'
    );
  }
  if (root instanceof PickledObject) return `holds no tensors but an object of ${root.path}.`;
  if (!(root instanceof Map) || root.size === 0) return 'holds no tensors.';
  const keys = [...(root as Map<unknown, unknown>).keys()].filter((key) => typeof key === 'string');
  return `holds no tensors. It is a dictionary of ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ', ...' : ''}.`;
}
