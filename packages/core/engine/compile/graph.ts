import { currentPath } from '../../nn/calls.ts';

/** An attribute of an operation, as the kernels of tfjs-node give it. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** A tensor of a graph. A size that depends on values is negative; the shape is null where nothing is known of it. */
export interface GraphTensor {
  readonly id: number;
  readonly dtype: number;
  readonly shape: number[] | null;
}

declare const graph: unique symbol;
type NativeGraph = { readonly [graph]: true };

/** The module `native/graph.cc`. */
export interface GraphAddon {
  newGraph(): NativeGraph;
  addOperation(
    graph: NativeGraph,
    type: string,
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly (number | readonly number[])[],
  ): GraphTensor[];
  addConstant(
    graph: NativeGraph,
    name: string,
    dtype: number,
    shape: readonly number[],
    bytes: Uint8Array,
  ): GraphTensor;
  definition(graph: NativeGraph, type: string): Uint8Array;
  register(
    graph: NativeGraph,
    inputs: readonly number[],
    outputs: readonly number[],
    attributes: readonly string[],
  ): string;
  /** Frees a graph that is no function. */
  release(graph: NativeGraph): void;
  unregister(name: string): void;
  /** How many are not freed. */
  counts(): { readonly graphs: number; readonly functions: number };
  addCall(
    graph: NativeGraph,
    called: string,
    name: string,
    inputs: readonly number[],
    shapes: readonly (readonly number[])[],
    attributes: readonly string[],
  ): GraphTensor[];
}

/** A graph that was made a function. */
export interface GraphFunction {
  readonly name: string;
  /** Shapes of its results. */
  readonly shapes: readonly (readonly number[])[];
  /** Flags of TensorFlow's function runtime that are set, such as `_noinline`; of the function and of its calls. */
  readonly attributes: readonly string[];
}

/** A TensorFlow graph under construction. Nothing in it is executed. */
export class Graph {
  readonly #native: NativeGraph;
  readonly #lists = new Map<string, boolean[]>();
  #registered = false;
  /** Operations so far. */
  size = 0;

  constructor(readonly addon: GraphAddon) {
    this.#native = addon.newGraph();
  }

  /** Errors: TensorFlow does not know the operation, or refuses its inputs or attributes. */
  add(type: string, attributes: readonly OpAttribute[], inputs: readonly number[]): GraphTensor[] {
    return this.addon.addOperation(this.#native, type, this.#name(type), attributes, this.#grouped(type, inputs));
  }

  constant(dtype: number, shape: readonly number[], values: ArrayBufferView): GraphTensor {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return this.addon.addConstant(this.#native, this.#name('Const'), dtype, shape, bytes);
  }

  /** A call of another function. */
  call({ name, shapes, attributes }: GraphFunction, inputs: readonly number[]): GraphTensor[] {
    return this.addon.addCall(this.#native, name, this.#name('Call'), inputs, shapes, attributes);
  }

  /**
   * Makes it a function that tfjs-node can execute by the name that is returned. Nothing can be added afterwards.
   * @param attributes see `GraphFunction`
   */
  register(inputs: readonly number[], outputs: readonly number[], attributes: readonly string[] = []): string {
    const name = this.addon.register(this.#native, inputs, outputs, attributes);
    this.#registered = true;
    return name;
  }

  /** Frees it, where it did not become a function. */
  dispose(): void {
    if (!this.#registered) this.addon.release(this.#native);
  }

  /** Names of nodes carry the network's path, so that TensorFlow's errors tell it. */
  #name(type: string): string {
    const path = currentPath();
    return `${path === '' ? '' : `${path}/`}${type}_${this.size++}`;
  }

  /** The inputs, with those that the operation takes as one list in an array. */
  #grouped(type: string, inputs: readonly number[]): (number | number[])[] {
    const lists = this.#listsOf(type);
    if (!lists.includes(true)) return [...inputs];
    const length = inputs.length - (lists.length - 1);
    const rest = [...inputs];
    return lists.map((isList) => (isList ? rest.splice(0, length) : rest.shift()!));
  }

  /** Which inputs of an operation are lists. */
  #listsOf(type: string): boolean[] {
    let lists = this.#lists.get(type);
    if (!lists) {
      lists = listInputs(this.addon.definition(this.#native, type));
      if (lists.filter(Boolean).length > 1) throw new Error(`${type} takes several lists of tensors.`);
      this.#lists.set(type, lists);
    }
    return lists;
  }
}

// Field numbers of TensorFlow's op_def.proto.
const INPUT_ARG = 2;
const NUMBER_ATTR = 5;
const TYPE_LIST_ATTR = 6;

/** For each input of a serialised OpDef, whether it is a list. */
function listInputs(definition: Uint8Array): boolean[] {
  return messages(definition)
    .filter(({ field }) => field === INPUT_ARG)
    .map(({ bytes }) => messages(bytes).some(({ field }) => field === NUMBER_ATTR || field === TYPE_LIST_ATTR));
}

/** The length-delimited fields of a protobuf message. */
function messages(bytes: Uint8Array): { field: number; bytes: Uint8Array }[] {
  const found: { field: number; bytes: Uint8Array }[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    if ((tag & 7) === 0) {
      varint();
      continue;
    }
    if ((tag & 7) !== 2) throw new Error('This OpDef is not one that we can read.');
    const length = varint();
    found.push({ field: tag >> 3, bytes: bytes.subarray(at, at + length) });
    at += length;
  }
  return found;
}
