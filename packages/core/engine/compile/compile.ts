import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs-core';
import { UserError } from '../../errors/user-error.ts';
import { freeingKept } from '../../nn/freeing-kept.ts';
import { nestedBy } from '../../nn/repeated.ts';
import type { GraphAddon, GraphTensor, OpAttribute } from './graph.ts';
import { NestedFunctions } from './nested-functions.ts';
import type { NodeBackend } from './node-backend.ts';
import { compiledRunError, runError, traceError } from './step-error.ts';
import { checkArguments, tensorsOf } from './step-values.ts';
import { isTracing, Tracer, type Source } from './tracer.ts';

export type StepResults = Tensor | readonly Tensor[] | Readonly<NamedTensorMap>;

/** A pure function of tensors and variables: reads no value, draws no random number in JavaScript, makes no variable. */
export type Step<Arguments extends readonly Tensor[], Results extends StepResults> = (...values: Arguments) => Results;

/** A step that can run many times. Its results are the caller's, all else that it makes is freed. */
export interface RunnableStep<Arguments extends readonly Tensor[], Results extends StepResults> {
  run(...values: Arguments): Results;
  dispose(): void;
}

/** Whether what a step did is taken. If not, its results are still returned, but all variables stay as they were. */
export type Accept<Results extends StepResults> = (results: Results) => boolean;

/** Runs a step operation by operation: slower, for finding errors, and the measure of what a compiled step computes. */
export class EagerStep<Arguments extends readonly Tensor[], Results extends StepResults> implements RunnableStep<
  Arguments,
  Results
> {
  constructor(
    private readonly step: Step<Arguments, Results>,
    private readonly accept?: Accept<Results>,
  ) {}

  run(...values: Arguments): Results {
    checkArguments(values);
    const before = variables().map((variable) => ({ variable, value: tf.keep(tf.clone(variable)) }));
    const restore = () => before.forEach(({ variable, value }) => variable.assign(value));
    let results: Results | undefined;
    try {
      results = freeingKept(() => tf.tidy(() => this.step(...values) as tf.TensorContainer)) as Results;
      if (this.accept && !this.accept(results)) restore();
      return results;
    } catch (error) {
      tf.dispose(results as tf.TensorContainer);
      restore();
      throw runError(error as Error);
    } finally {
      before.forEach(({ value }) => value.dispose());
    }
  }

  dispose(): void {}
}

/** The attribute of a function that XLA compiles. */
const XLA = '_XlaMustCompile';

export interface CompileOptions {
  /**
   * Whether TensorFlow's graph optimiser (grappler) rewrites the function. On a CPU it does not pay: no faster and no smaller within the
   * noise (NAFNet-32 at 64 and 128 pixels, HINet), 1.5 to 3 s more for the first run of 36 blocks, and last digits differ from eager ones.
   */
  readonly optimize?: boolean;
  /**
   * Whether the parts of a network that repeat are functions whose gradient computes them again, instead of keeping what they computed:
   * less memory, more time.
   */
  readonly recompute?: boolean;
  /** Whether those functions are compiled by XLA: for a GPU. It takes a minute or more at the first run. */
  readonly xla?: boolean;
  /** How many traces are kept at most: the one used longest ago goes first. Without it all are kept. */
  readonly traces?: number | undefined;
  /** Called with each trace, after it was made. */
  readonly traced?: ((trace: TraceNote) => void) | undefined;
}

export interface TraceNote {
  /** Traces so far, of which each was for other shapes or types; also those that are not kept. */
  readonly count: number;
  /** Functions of blocks that repeat, for `recompute` and `xla`. */
  readonly blocks: number;
}

/** One trace: a TensorFlow function for arguments of certain shapes and types. */
interface Trace {
  readonly name: string;
  readonly sources: readonly Source[];
  readonly outputs: number;
  /** Names of the results, or null where it is one tensor; for an array its indices. */
  readonly form: { readonly names: readonly string[]; readonly isArray: boolean } | null;
  /** Functions that it calls. */
  readonly nested: readonly string[];
  /** The variables that the step assigns: their values follow the results. */
  readonly assigned: readonly Variable[];
  readonly operations: number;
}

/**
 * A step as one TensorFlow function. It is traced at its first run and again for arguments of other shapes or types.
 * Variables that it reads and assigns are found by themselves.
 */
export class CompiledStep<Arguments extends readonly Tensor[], Results extends StepResults> implements RunnableStep<
  Arguments,
  Results
> {
  /** By the types and shapes of the arguments; the one used longest ago comes first. */
  readonly #traces = new Map<string, Trace>();
  readonly #backend = tf.backend() as unknown as NodeBackend;
  readonly #attributes: readonly OpAttribute[];
  /** Flags of the functions of a network's parts; undefined where there are none. */
  readonly #nested: readonly string[] | undefined;
  readonly #most: number;
  readonly #traced: CompileOptions['traced'];
  #count = 0;

  constructor(
    private readonly addon: GraphAddon,
    private readonly step: Step<Arguments, Results>,
    { optimize = false, recompute = false, xla = false, traces = Infinity, traced }: CompileOptions = {},
    private readonly accept?: Accept<Results>,
  ) {
    this.#most = traces;
    this.#traced = traced;
    // TensorFlow optimises a function's graph if it has a configuration, be it an empty one.
    const configuration = { name: 'config_proto', type: this.#backend.binding.TF_ATTR_STRING, value: '' };
    this.#attributes = optimize ? [configuration] : [];
    if (recompute || xla) this.#nested = xla ? ['_noinline', XLA] : ['_noinline'];
  }

  /** How many traces it keeps. */
  get traces(): number {
    return this.#traces.size;
  }

  /** Operations of all traces. */
  get operations(): number {
    return [...this.#traces.values()].reduce((sum, { operations }) => sum + operations, 0);
  }

  /** One step. Errors: `UserError` where the step is not one that can be compiled; nothing has changed then. */
  run(...values: Arguments): Results {
    if (isTracing()) {
      throw new UserError(
        'A compiled step was run inside another one. Call its function there: it becomes a part of the outer step.',
      );
    }
    checkArguments(values);
    const key = values.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`).join();
    const trace = this.#traces.get(key) ?? this.#trace(values);
    this.#traces.delete(key);
    this.#traces.set(key, trace);
    this.#forget(this.#most);
    return this.#execute(trace, values);
  }

  dispose(): void {
    this.#forget(0);
  }

  /** Frees all traces but the `most` that were used last. */
  #forget(most: number): void {
    for (const [key, { name, nested }] of this.#traces) {
      if (this.#traces.size <= most) return;
      this.#traces.delete(key);
      for (const each of [name, ...nested]) this.addon.unregister(each);
    }
  }

  #trace(values: Arguments): Trace {
    const tracer = new Tracer(this.addon, this.#backend);
    const nested = this.#nested && new NestedFunctions(tracer, this.#nested);
    const before = new Map(variables().map((variable) => [variable, tf.keep(tf.clone(variable))]));
    let trace: Trace | undefined;
    try {
      const record = () => this.#record(tracer, values, [...before.keys()], nested);
      trace = freeingKept(() => tracer.run(() => nestedBy(nested, record)));
      this.#traced?.({ count: ++this.#count, blocks: trace.nested.length });
      return trace;
    } catch (error) {
      tracer.graph.dispose();
      if (trace) this.addon.unregister(trace.name);
      for (const name of nested?.names ?? []) this.addon.unregister(name);
      throw traceError(error as Error);
    } finally {
      for (const [variable, value] of before) {
        variable.assign(value);
        value.dispose();
      }
    }
  }

  #record(tracer: Tracer, values: Arguments, known: readonly Variable[], nested?: NestedFunctions): Trace {
    return untracked(() => {
      const initial = new Map(known.map((variable) => [variable, tracer.variable(variable)]));
      for (const [variable, symbol] of initial) variable.assign(symbol);
      const results: unknown = this.step(
        ...(values.map((value, i) => tracer.argument(i, value)) as unknown as Arguments),
      );
      const returned = tensorsOf(results);
      const assigned = known.filter((variable) => variable.dataId !== initial.get(variable)!.dataId);
      const form =
        results instanceof tf.Tensor
          ? null
          : { names: Object.keys(results as object), isArray: Array.isArray(results) };
      const outputs = [...returned, ...assigned].map((tensor) => tracer.output(tensor).id);
      const name = tracer.graph.register(tracer.inputs, outputs);
      const { sources, graph } = tracer;
      const calls = { nested: nested?.names ?? [], operations: graph.size + (nested?.operations ?? 0) };
      return { name, sources, outputs: outputs.length, form, assigned, ...calls };
    });
  }

  #execute({ name, sources, outputs, form, assigned }: Trace, values: Arguments): Results {
    const backend = this.#backend;
    checkVariables(sources, assigned);
    const tensors = sources.map((source) => ('variable' in source ? source.variable : values[source.argument]!));
    const ids = backend.getInputTensorIds(tensors);
    const made = this.#call(name, ids, outputs).map((info) => backend.createOutputTensor(info));
    const returned = made.splice(0, outputs - assigned.length);
    const results = formed(returned, form) as Results;
    let accepted = true;
    try {
      accepted = this.accept?.(results) ?? true;
    } catch (error) {
      tf.dispose([...returned, ...made]);
      throw error;
    }
    assigned.forEach((variable, i) => {
      if (accepted) variable.assign(made[i]!);
      made[i]!.dispose();
    });
    return results;
  }

  #call(name: string, inputs: readonly number[], outputs: number): GraphTensor[] {
    try {
      return this.#backend.binding.executeOp(name, this.#attributes, inputs, outputs);
    } catch (error) {
      throw compiledRunError(error as Error, this.#nested?.includes(XLA));
    }
  }
}

/** Results as the step returned them. */
function formed(tensors: readonly Tensor[], form: Trace['form']): StepResults {
  if (!form) return tensors[0]!;
  return form.isArray ? tensors : Object.fromEntries(form.names.map((key, i) => [key, tensors[i]!]));
}

/** Errors: a variable of the step is no more. */
function checkVariables(sources: readonly Source[], assigned: readonly Variable[]): void {
  const read = sources.flatMap((source) => ('variable' in source ? [source.variable] : []));
  const gone = [...read, ...assigned].find(({ isDisposed }) => isDisposed);
  if (!gone) return;
  throw new UserError(
    `The variable "${gone.name}" of a compiled step was disposed of. Keep it as long as the step runs, or make the step again.`,
  );
}

function variables(): Variable[] {
  return Object.values(tf.engine().registeredVariables);
}

/** Frees all tensors that `compute` makes. */
function untracked<T>(compute: () => T): T {
  let result: { value: T } | undefined;
  tf.tidy(() => {
    result = { value: compute() };
  });
  return result!.value;
}
