import type { Tensor } from '@tensorflow/tfjs-core';
import type { Initializer } from './initializers.ts';
import type { Layout } from './layout.ts';

/**
 * A named tensor of a module that training changes. The module declares it (shape as in the official
 * PyTorch state dict, how it starts, how it is laid out for computing); where its numbers live is the business of
 * `Parameters`, which lends the module a view of them while a function of `Parameters.use` runs.
 */
export class Parameter<T extends Tensor = Tensor> {
  #view: T | undefined;

  constructor(
    /** PyTorch shape, e.g. `[out, in, kh, kw]`. */
    readonly shape: readonly number[],
    readonly initial: Initializer,
    /** How the PyTorch layout maps to the one that TensorFlow computes with. */
    readonly layout: Layout,
  ) {}

  get size(): number {
    return this.shape.reduce((product, length) => product * length, 1);
  }

  /** The tensor in TensorFlow's layout. Only inside `Parameters.use`. */
  get value(): T {
    if (!this.#view)
      throw new Error('A module was called outside of Parameters.use, so its parameters have no values.');
    return this.#view;
  }

  /** Lends a view, or takes it back, and returns the one before. For those who call modules: `Parameters`, `repeated`. */
  lend(view: T | undefined): T | undefined {
    const before = this.#view;
    this.#view = view;
    return before;
  }
}

interface BufferOptions {
  /** Whether a state dict may lack it (an official one that knows no such thing): then it begins as a fresh one. Default false. */
  readonly isOptional?: boolean;
  /** Whether PyTorch keeps integers there (int64), as official files do. Default false. */
  readonly isInteger?: boolean;
}

/** A tensor of the state dict that no optimizer touches: statistics, noise, fixed filters. */
export class Buffer<T extends Tensor = Tensor> extends Parameter<T> {
  readonly isOptional: boolean;
  readonly isInteger: boolean;

  constructor(
    shape: readonly number[],
    initial: Initializer,
    layout: Layout,
    { isOptional = false, isInteger = false }: BufferOptions = {},
  ) {
    super(shape, initial, layout);
    this.isOptional = isOptional;
    this.isInteger = isInteger;
  }
}
