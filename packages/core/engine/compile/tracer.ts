import * as tf from '@tensorflow/tfjs-core';
import type { DataId, Tensor, TensorInfo, Variable } from '@tensorflow/tfjs-core';
import { UserError } from '../../errors/user-error.ts';
import { isFixed } from '../../nn/fixed.ts';
import { failHere } from '../../nn/calls.ts';
import { fixVariables } from './fixed-variables.ts';
import { nameGradients } from './gradient-paths.ts';
import { Graph, type GraphAddon, type GraphFunction, type GraphTensor, type OpAttribute } from './graph.ts';
import type { NodeBackend, NodeBinding, Values } from './node-backend.ts';
import { refused } from './step-error.ts';

/** More numbers than this that are not all the same are data, which a step takes as an argument; a small batch of small images has more. */
const LARGE = 4096;

/** From this many equal numbers on, they are made by an operation (tfjs makes `ones` and `zeros` in JavaScript). */
const FILL = 16;

/** Ids of symbols: tfjs-node frees those from 0 on, and -1 means none. They are never used again, so none is taken for another's. */
let nextSymbol = -2;

let tracing = 0;

/** Whether a step is being traced now. */
export function isTracing(): boolean {
  return tracing > 0;
}

/** Where an input of the function comes from at each run. */
export type Source = { readonly argument: number } | { readonly variable: Variable };

/**
 * Stands in for TensorFlow while a step is traced: each kernel adds its operation to a graph. tfjs sees tensors with shapes and
 * types, but there are no values behind them.
 */
export class Tracer {
  readonly graph: Graph;
  readonly sources: Source[] = [];
  readonly inputs: number[] = [];
  /** The tensors of the graph, or variables that nothing has read yet, by the (negative) ids that tfjs sees. */
  readonly #symbols = new Map<number, GraphTensor | Variable>();
  readonly #made = new WeakSet<DataId>();
  /** The first read that nobody can wait for. */
  #awaited: UserError | undefined;
  readonly #backend: NodeBackend;
  /** What tracing replaces, as it is where nothing is traced. */
  readonly #real: Replaced;

  constructor(addon: GraphAddon, backend: NodeBackend, outer?: Tracer) {
    this.graph = new Graph(addon);
    this.#backend = backend;
    this.#real = outer ? outer.#real : replaced(backend);
  }

  /** A tracer of a function that this one's function calls. */
  inner(): Tracer {
    return new Tracer(this.graph.addon, this.#backend, this);
  }

  /** The results of a call of another function. */
  call(called: GraphFunction, inputs: readonly Tensor[]): Tensor[] {
    const ids = this.#backend.getInputTensorIds(inputs).map((id) => this.#resolve(id).id);
    return this.graph
      .call(called, ids)
      .map((tensor) => this.#backend.createOutputTensor({ ...tensor, id: this.#symbol(tensor) }));
  }

  /** Runs `compute` while kernels go into the graph. */
  run<T>(compute: () => T): T {
    const backend = this.#backend;
    const { random } = Math;
    const before = replaced(backend);
    const { move, getInputTensorIds } = this.#real;
    const methods: Replaced = {
      binding: this.#tracingBinding(),
      move: (id, values, shape, ...rest) => {
        checkConstant(values, shape);
        this.#made.add(id);
        move.call(backend, id, values, shape, ...rest);
      },
      getInputTensorIds: (tensors) => {
        for (const tensor of tensors) this.#checkSource(tensor);
        return getInputTensorIds.call(backend, tensors);
      },
      readSync: (id) => {
        const values = this.#valuesOf(id);
        if (values) return values;
        throw hostRead();
      },
      read: (id) => {
        const values = this.#valuesOf(id);
        return values ? Promise.resolve(values) : this.#waitForEver();
      },
    };
    Object.assign(backend, methods);
    const stopNaming = nameGradients();
    const freeVariables = fixVariables();
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 50; // what the user wrote lies under what tfjs calls
    Math.random = () => {
      throw new UserError(
        'A random number was drawn in JavaScript inside a compiled step: it would be the same in every step.\n' +
          '  Draw it outside and pass it as a tensor, or use an operation of TensorFlow with the seed as an argument.',
      );
    };
    tracing++;
    try {
      return this.#unawaited(compute);
    } finally {
      tracing--;
      Math.random = random;
      freeVariables();
      stopNaming();
      Error.stackTraceLimit = stackTraceLimit;
      Object.assign(backend, before);
    }
  }

  /** The values of a tensor that was made of values in the step. */
  #valuesOf(id: DataId): Values | null {
    return this.#made.has(id) ? this.#backend.tensorMap.get(id).values : null;
  }

  /** Nobody may handle the error of what is read asynchronously, so it is kept for the end of the trace, and who waits is not woken. */
  #waitForEver(): Promise<never> {
    const error = hostRead();
    failHere(error);
    this.#awaited ??= error;
    return new Promise(() => undefined);
  }

  /** Errors: `compute` reads asynchronously; that comes before what follows from having no values. */
  #unawaited<T>(compute: () => T): T {
    const result = caught(compute);
    if (this.#awaited) throw this.#awaited;
    if ('error' in result) throw result.error;
    return result.value;
  }

  /** A tensor whose value is an argument of the function. */
  argument(index: number, like: Tensor): Tensor {
    const tensor = this.#placeholder({ argument: index }, like);
    return this.#backend.createOutputTensor({ ...tensor, id: this.#symbol(tensor) });
  }

  /** A tensor whose value is that of the variable before the step. */
  variable(variable: Variable): Tensor {
    const { shape, dtype } = variable;
    const id = this.#symbol(variable);
    return this.#backend.createOutputTensor({ id, shape, dtype: this.#backend.getDTypeInteger(dtype) });
  }

  /** Makes a tensor an output of the function. */
  output(tensor: Tensor): GraphTensor {
    const [id] = this.#backend.getInputTensorIds([tensor]);
    const { id: node, dtype } = this.#resolve(id!);
    const attributes = [{ name: 'T', type: this.#real.binding.TF_ATTR_TYPE, value: dtype }];
    return this.graph.add('Identity', attributes, [node])[0]!; // an output may be an input, or twice an output
  }

  #tracingBinding(): NodeBinding {
    const executeOp: NodeBinding['executeOp'] = (type, attributes, ids) => {
      const inputs = ids.map((id) => this.#resolve(id));
      return this.#add(type, attributes, inputs).map((tensor) => this.#visible(type, tensor));
    };
    const createTensor: NodeBinding['createTensor'] = (...data) => this.#symbol(this.#constant(...data));
    const tensorDataSync: NodeBinding['tensorDataSync'] = () => {
      throw hostRead();
    };
    const binding: unknown = Object.create(this.#real.binding, {
      executeOp: { value: executeOp },
      createTensor: { value: createTensor },
      tensorDataSync: { value: tensorDataSync },
    });
    return binding as NodeBinding;
  }

  /** Errors: TensorFlow refuses it. */
  #add(type: string, attributes: readonly OpAttribute[], inputs: readonly GraphTensor[]): GraphTensor[] {
    const ids = inputs.map(({ id }) => id);
    try {
      return this.graph.add(type, attributes, ids);
    } catch (error) {
      const shapes = inputs.map(({ shape }) => shape);
      throw refused(type, shapes, error as Error);
    }
  }

  /** A result as tfjs sees it. */
  #visible(type: string, tensor: GraphTensor): GraphTensor {
    if (!tensor.shape || tensor.shape.some((size) => size < 0)) {
      throw new UserError(
        `The shape of what ${type} returns depends on values, which a compiled step cannot have.\n` +
          '  Compute it outside of the step and pass it as an argument.',
      );
    }
    return { ...tensor, id: this.#symbol(tensor) };
  }

  #constant(shape: number[], dtype: number, values: Values): GraphTensor {
    if (dtype === this.#real.binding.TF_STRING) throw new UserError('Text cannot be part of a compiled step.');
    const { TF_FLOAT, TF_INT32, TF_BOOL } = this.#real.binding;
    if ([TF_FLOAT, TF_INT32, TF_BOOL].includes(dtype) && values.length >= FILL && areEqual(values)) {
      const sizes = this.graph.constant(this.#real.binding.TF_INT32, [shape.length], Int32Array.from(shape));
      const value = this.graph.constant(dtype, [], values.slice(0, 1));
      const type = this.#real.binding.TF_ATTR_TYPE;
      const attributes = [
        { name: 'T', type, value: dtype },
        { name: 'index_type', type, value: this.#real.binding.TF_INT32 },
      ];
      return this.graph.add('Fill', attributes, [sizes.id, value.id])[0]!;
    }
    return this.graph.constant(dtype, shape, values);
  }

  #symbol(tensor: GraphTensor | Variable): number {
    const id = nextSymbol--;
    this.#symbols.set(id, tensor);
    return id;
  }

  #resolve(id: number): GraphTensor {
    const found = this.#symbols.get(id);
    if (!found) throw foreign();
    if (!(found instanceof tf.Variable)) return found;
    const tensor = this.#placeholder({ variable: found }, found);
    this.#symbols.set(id, tensor);
    return tensor;
  }

  #placeholder(source: Source, { dtype, shape }: Tensor): GraphTensor {
    const { TF_ATTR_TYPE, TF_ATTR_SHAPE } = this.#real.binding;
    const attributes = [
      { name: 'dtype', type: TF_ATTR_TYPE, value: this.#backend.getDTypeInteger(dtype) },
      { name: 'shape', type: TF_ATTR_SHAPE, value: shape },
    ];
    const tensor = this.graph.add('Placeholder', attributes, [])[0]!;
    this.sources.push(source);
    this.inputs.push(tensor.id);
    return tensor;
  }

  /** Errors: the tensor has values that were there before the step. */
  #checkSource(tensor: TensorInfo): void {
    if (!tensor.dataId) return; // tfjs-node's Int64Scalar
    if (!this.#backend.tensorMap.has(tensor.dataId)) {
      throw new UserError('A tensor or a variable that was disposed of was used inside a compiled step.');
    }
    const data = this.#backend.tensorMap.get(tensor.dataId);
    if (this.#symbols.has(data.id) || (data.values && this.#made.has(tensor.dataId))) return;
    throw foreign(tensor.shape);
  }
}

function caught<T>(compute: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: compute() };
  } catch (error) {
    return { error };
  }
}

type Replaced = Pick<NodeBackend, 'binding' | 'move' | 'getInputTensorIds' | 'readSync' | 'read'>;

function replaced({ binding, move, getInputTensorIds, readSync, read }: NodeBackend): Replaced {
  return { binding, move, getInputTensorIds, readSync, read };
}

/** Errors: so many numbers are data. */
function checkConstant(values: Values, shape: readonly number[]): void {
  if (isFixed() || values.length <= LARGE || areEqual(values)) return;
  throw new UserError(
    `A constant of shape (${shape.join(', ')}) was made in JavaScript inside a compiled step: it would be the same in every step.\n` +
      '  Pass it as an argument or keep it in a variable; numbers that follow from shapes alone are made in `fixed`.',
  );
}

function areEqual(values: Values): boolean {
  return values.every((value) => Object.is(value, values[0]));
}

function hostRead(): UserError {
  return new UserError(
    'A value was read inside a compiled step (dataSync, arraySync, data, print): there are no values while a step is traced.\n' +
      '  Return the tensor from the step and read it afterwards.',
  );
}

function foreign(shape?: readonly number[]): UserError {
  const which = shape ? `A tensor of shape (${shape.join(', ')})` : 'A tensor';
  return new UserError(
    `${which} that was made outside was used inside a compiled step: its value would never change again.\n` +
      '  Pass it as an argument or keep it in a variable.',
  );
}
