import * as tf from '@tensorflow/tfjs-core';
import { UserError } from '../errors/user-error.ts';
import { Random } from '../random/random.ts';
import { nameCalls } from './calls.ts';
import { computeShape, toCompute, toStateDict, type Layout } from './layout.ts';
import type { Module } from './module.ts';
import { Buffer, type Parameter } from './parameter.ts';
import { flattened } from './ops/tensor-list.ts';
import { collectStatistics, type Statistics } from './statistics.ts';
import { valuesOf } from './values-of.ts';

/** A tensor of a state dict: float32 values in C order of the PyTorch shape. */
export interface StateTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** State-dict names and tensors as the official PyTorch release of a network has them. */
export type StateDict = Map<string, StateTensor>;

/** More numbers than any network for one machine has: 4 GiB of float32, and an optimizer holds them several times. */
const MOST = 2 ** 30;

/**
 * The order of the parameters in a vector, as a number that changes with it: what a training keeps on disk are such vectors.
 * 1: the module's; 2: first those of whole blocks.
 */
export const VECTOR_ORDER = 2;

/** TensorFlow takes a part of a vector as it lies there, without a copy, if it is of whole blocks of 64 bytes. */
const BLOCK = 16;

interface Slot {
  readonly name: string;
  readonly parameter: Parameter;
  readonly shape: number[];
  readonly layout: Layout;
}

/**
 * The numbers of one module: all its parameters in one flat vector (so that an optimizer, clipping and EMA are a few
 * operations on one tensor, however deep the network), its buffers in another.
 */
export class Parameters {
  /** All trainable values, in TensorFlow's layout, one parameter after the other: those of whole blocks first (`VECTOR_ORDER`). */
  readonly vector: tf.Variable<tf.Rank.R1>;
  /** All numbers that no optimizer touches, in the same way. */
  readonly buffers: tf.Variable<tf.Rank.R1>;
  readonly #parameterSlots: Slot[];
  readonly #bufferSlots: Slot[];

  /**
   * Values of a state dict, or fresh ones: each parameter from a stream named after it, so that adding a layer leaves the
   * others as they were. Errors: a `UserError` if the state dict does not fit (see `load`).
   */
  constructor(
    readonly module: Module,
    source: Random | StateDict,
    ...path: (string | number)[]
  ) {
    nameCalls(module);
    this.#parameterSlots = inBlocks(slots(module.parameters())).flat();
    this.#bufferSlots = inBlocks(slots(module.buffers())).flat();
    refuseHuge(this.#parameterSlots);
    if (!(source instanceof Random)) refuseMisfit(module, source);
    const initial = (slot: Slot) =>
      source instanceof Random
        ? slot.parameter.initial(slot.parameter.shape, source.stream(...path, slot.name))
        : loaded(slot, source);
    this.vector = variable(flatten(this.#parameterSlots, initial), true);
    this.buffers = variable(flatten(this.#bufferSlots, initial), false);
  }

  /** Count of trainable numbers. */
  get count(): number {
    return this.vector.size;
  }

  /** Names of the parameters, in the order in which they lie in `vector`. */
  get names(): string[] {
    return this.#parameterSlots.map(({ name }) => name);
  }

  /** The values of each parameter, in their order in `vector`. */
  pieces(vector: tf.Tensor1D = this.vector): tf.Tensor[] {
    return views(this.#parameterSlots, vector);
  }

  /**
   * Runs `compute` while the module's parameters have values: by default the current ones, else those of another vector (an average)
   * or of the pieces of one (tensors that a gradient is taken with respect to).
   */
  use<T>(compute: () => T, values: tf.Tensor1D | readonly tf.Tensor[] = this.vector): T {
    const pieces = values instanceof tf.Tensor ? this.pieces(values) : values;
    this.#parameterSlots.forEach(({ parameter }, i) => parameter.lend(pieces[i]));
    const buffers = views(this.#bufferSlots, this.buffers);
    this.#bufferSlots.forEach(({ parameter }, i) => parameter.lend(buffers[i]));
    try {
      return compute();
    } finally {
      for (const { parameter } of [...this.#parameterSlots, ...this.#bufferSlots]) parameter.lend(undefined);
    }
  }

  /**
   * Runs `compute`, a call of the module inside `use` or a gradient, as a part of training.
   * @returns what it returned, and the numbers that `buffers` is to have after the step
   */
  train<T>(compute: () => T): { result: T; buffers: tf.Tensor1D } {
    const { result, buffers } = trained([this], compute);
    return { result, buffers: buffers[0]! };
  }

  /** The numbers of the buffers with these statistics in place of their own. */
  withStatistics(statistics: Statistics): tf.Tensor1D {
    if (!this.#bufferSlots.some(({ parameter }) => statistics.has(parameter))) return this.buffers;
    return flattened(this.#bufferSlots.map(({ parameter }) => statistics.get(parameter) ?? parameter.value));
  }

  /** All parameters and buffers, or the same names with the numbers of another vector (an average, a gradient). */
  stateDict(vector: tf.Tensor1D = this.vector): StateDict {
    return new Map([...this.liveStateDict(vector)].map(([name, { shape, values }]) => [name, { shape, values }]));
  }

  /**
   * The same, but the values of a tensor are read when they are asked for, so that never all of them are in memory a second time. They are those that
   * the network then has.
   */
  liveStateDict(vector: tf.Tensor1D = this.vector): StateDict {
    const found = new Map([...unflatten(this.#parameterSlots, vector), ...unflatten(this.#bufferSlots, this.buffers)]);
    const names = [...this.module.parameters().keys(), ...this.module.buffers().keys()];
    return new Map(names.map((name) => [name, found.get(name)!]));
  }

  /** Replaces all values. Errors: `UserError` for a name that is missing or unknown, a shape that differs (all of them at once). */
  load(state: StateDict): void {
    refuseMisfit(this.module, state);
    const assign = (variable: tf.Variable, chosen: Slot[]) =>
      tf.tidy(() => variable.assign(tf.tensor1d(flatten(chosen, (slot) => loaded(slot, state)))));
    assign(this.vector, this.#parameterSlots);
    assign(this.buffers, this.#bufferSlots);
  }

  dispose(): void {
    this.vector.dispose();
    this.buffers.dispose();
  }
}

/** `Parameters.train` of several networks at once, with the buffers of each. */
export function trained<T>(
  networks: readonly Parameters[],
  compute: () => T,
): { result: T; buffers: readonly tf.Tensor1D[] } {
  const { result, statistics } = collectStatistics(compute);
  return { result, buffers: networks.map((network) => network.withStatistics(statistics)) };
}

/** Runs in a tidy, as the tensor of the first values would otherwise never be freed. */
function variable(values: Float32Array, trainable: boolean): tf.Variable<tf.Rank.R1> {
  return tf.tidy(() => tf.variable(tf.tensor1d(values), trainable));
}

function slots(parameters: Map<string, Parameter>): Slot[] {
  return [...parameters].map(([name, parameter]) => ({
    name,
    parameter,
    shape: computeShape(parameter.shape, parameter.layout),
    layout: parameter.layout,
  }));
}

/** Those that are of whole blocks, and the others. */
function inBlocks(all: Slot[]): [Slot[], Slot[]] {
  const isWhole = ({ parameter }: Slot) => parameter.size % BLOCK === 0;
  return [all.filter(isWhole), all.filter((slot) => !isWhole(slot))];
}

/** The values of a state dict that fits; fresh ones for an optional buffer that it lacks. */
function loaded({ name, parameter }: Slot, state: StateDict): Float32Array {
  return state.get(name)?.values ?? parameter.initial(parameter.shape, new Random(0).stream(name));
}

function isOptional(parameter: Parameter): boolean {
  return parameter instanceof Buffer && parameter.isOptional;
}

function refuseHuge(all: Slot[]): void {
  const count = all.reduce((sum, { parameter }) => sum + parameter.size, 0);
  if (count > MOST) {
    throw new UserError(
      `This network would have ${count.toExponential(1)} parameters; at most ${MOST} are possible. Make it smaller.`,
    );
  }
}

function views(all: Slot[], source: tf.Tensor1D): tf.Tensor[] {
  let offset = 0;
  return inBlocks(all).flatMap((some) => {
    if (some.length === 0) return [];
    const sizes = some.map(({ parameter }) => parameter.size);
    const size = sizes.reduce((sum, each) => sum + each, 0);
    const part = tf.slice(source, [offset], [size]);
    offset += size;
    // TensorFlow.js has no gradient of a split into one part.
    const parts = sizes.length > 1 ? tf.split(part, sizes) : some.map(() => part);
    return parts.map((values, i) => tf.reshape(values, some[i]!.shape));
  });
}

function flatten(all: Slot[], values: (slot: Slot) => Float32Array): Float32Array {
  const vector = new Float32Array(all.reduce((sum, { parameter }) => sum + parameter.size, 0));
  let offset = 0;
  for (const slot of all) {
    toCompute(values(slot), slot.parameter.shape, slot.layout, vector, offset);
    offset += slot.parameter.size;
  }
  return vector;
}

function unflatten(all: Slot[], source: tf.Tensor1D): [string, StateTensor][] {
  let offset = 0;
  return all.map(({ name, parameter: { shape, size }, layout }) => {
    const begin = offset;
    offset += size;
    const read = () => valuesOf(source, begin, size);
    const tensor: StateTensor = {
      shape,
      get values() {
        return toStateDict(read(), shape, layout);
      },
    };
    return [name, tensor];
  });
}

/** What of a state dict does not fit a module, a line each: names that are missing or unknown, shapes that differ. */
export function mismatches(module: Module, state: StateDict): string[] {
  const all = [...module.parameters(), ...module.buffers()];
  const expected = new Map(all.map(([name, { shape }]) => [name, `(${shape.join(', ')})`]));
  const missing = all
    .filter(([name, parameter]) => !state.has(name) && !isOptional(parameter))
    .map(([name]) => `${name}: missing, ${expected.get(name)!} expected`);
  const wrong = [...state].flatMap(([name, { shape }]) => {
    const found = `(${shape.join(', ')})`;
    if (!expected.has(name)) return [`${name}: unknown, found ${found}`];
    return expected.get(name) === found ? [] : [`${name}: found ${found}, ${expected.get(name)} expected`];
  });
  return [...missing, ...wrong];
}

function refuseMisfit(module: Module, state: StateDict): void {
  const problems = mismatches(module, state);
  if (problems.length === 0) return;
  throw new UserError(`These weights do not fit the network:\n${problems.map((p) => `  ${p}`).join('\n')}`);
}
