import { UserError } from '../errors/user-error.ts';
import type { Bytes } from '../files/bytes.ts';
import type { StateDict, StateTensor } from '../nn/parameters.ts';
import { isDType, readFloats } from './dtype.ts';

const MOST_AXES = 64;
/** Elements that a tensor may take from its storage again and again (`expand`), or that a view may skip. */
const MOST_SPREAD = 2 ** 24;

/** A tensor of a checkpoint. Its values are read from the file each time they are asked for, so that a large file is never in memory twice. */
export class StoredTensor implements StateTensor {
  /**
   * @param dtype of its elements in the file: a `DType`, or another name, which is then not understood
   * @param read gives its values in C order, or an error that says what is wrong with it
   */
  constructor(
    readonly dtype: string,
    readonly shape: readonly number[],
    private readonly read: () => Float32Array,
  ) {}

  /** As float32 in C order. Errors: they are not understood, cut off or damaged. */
  get values(): Float32Array {
    return this.read();
  }
}

/** Consecutive elements of one type, of which tensors are views. */
export interface Storage {
  /** `DType` or another name. */
  readonly dtype: string;
  /** In elements; of a type that is not understood, Infinity. */
  readonly count: number;
  readonly isLittle: boolean;
  /** Errors: it is not in the file. */
  readonly content: () => Bytes;
}

/**
 * A view of a storage; `offset` and `strides` are in elements.
 * Errors: shape or strides are no lists of lengths, or the view reaches out of the storage.
 */
export function viewOf(storage: Storage, offset: unknown, shape: unknown, strides: unknown): StoredTensor {
  if (!isLengths(shape) || !isLengths(strides) || !isLengths([offset]) || shape.length !== strides.length) {
    throw new Error(`a tensor has the shape ${show(shape)}, strides ${show(strides)} and offset ${show(offset)}`);
  }
  const begin = offset as number;
  const size = sizeOf(shape);
  const span = size === 0 ? 0 : shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis]!, 1);
  if (begin + span > storage.count) {
    throw new Error(
      `a tensor of shape ${show(shape)} lies outside of its storage: it ends at element ${begin + span} of ${storage.count}`,
    );
  }
  if (size > Math.max(storage.count, MOST_SPREAD)) {
    throw new Error(`a tensor of shape ${show(shape)} repeats the ${storage.count} elements of its storage`);
  }
  const { dtype } = storage;
  if (!isDType(dtype)) return unreadable(dtype, shape, `its elements are ${dtype}`);
  return new StoredTensor(dtype, shape, () => {
    if (span > Math.max(4 * size, MOST_SPREAD)) {
      throw new Error(`its ${size} elements are scattered over ${span}`);
    }
    const elements = readFloats(storage.content(), dtype, begin, span, storage.isLittle);
    const isContiguous = String(strides) === String(contiguousStrides(shape));
    return isContiguous ? elements : gather(elements, size, shape, strides);
  });
}

/** A tensor of which only the shape is known. */
export function unreadable(dtype: string, shape: readonly number[], why: string): StoredTensor {
  return new StoredTensor(dtype, shape, () => {
    throw new Error(`${why}, which is not understood`);
  });
}

/** Element types of tensors in their file, by safetensors' names where these know them. */
export function dtypesOf(tensors: ReadonlyMap<string, StoredTensor>): Map<string, string> {
  return new Map([...tensors].map(([name, { dtype }]) => [name, dtype]));
}

/** Tensors of a file as a state dict. Errors, when a tensor's values are asked for: `UserError` naming file and tensor. */
export function stateDictOf(file: string, tensors: ReadonlyMap<string, StoredTensor>): StateDict {
  return new Map(
    [...tensors].map(([name, tensor]) => [
      name,
      {
        shape: tensor.shape,
        get values() {
          return valuesOf(file, name, tensor);
        },
      },
    ]),
  );
}

function valuesOf(file: string, name: string, tensor: StoredTensor): Float32Array {
  try {
    return tensor.values;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file}: the tensor "${name}" cannot be read: ${(error as Error).message}.`);
  }
}

/** Whether a value is a list of lengths: integers from 0 on, as many as a tensor may have axes. */
export function isLengths(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.length <= MOST_AXES &&
    value.every((length) => Number.isSafeInteger(length) && length >= 0)
  );
}

/** Count of elements. Errors: more than a number can count. */
export function sizeOf(shape: readonly number[]): number {
  const size = shape.reduce((product, length) => product * length, 1);
  if (!Number.isSafeInteger(size)) throw new Error(`a tensor has the shape ${show(shape)}`);
  return size;
}

export function contiguousStrides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
}

/** For messages: lists of anything else are not looked into. */
export function show(value: unknown): string {
  if (!Array.isArray(value)) return typeof value === 'number' ? String(value) : `(${typeof value})`;
  const shown = value.slice(0, 8).map((item) => (typeof item === 'number' ? String(item) : `(${typeof item})`));
  return `(${shown.join(', ')}${value.length > 8 ? ', ...' : ''})`;
}

function gather(elements: Float32Array, size: number, shape: readonly number[], strides: readonly number[]) {
  const values = new Float32Array(size);
  const index = new Array<number>(shape.length).fill(0);
  let source = 0;
  for (let target = 0; target < size; target++) {
    values[target] = elements[source]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      source -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return values;
}
