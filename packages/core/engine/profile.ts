import * as tf from '@tensorflow/tfjs-core';
import type { NodeBackend, NodeBinding } from './compile/node-backend.ts';

/** The module `native/profile.cc`. */
export interface OperationRecorder {
  start(): boolean;
  stop(): readonly Recorded[];
}

/** Times in nanoseconds. */
interface Recorded {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** One operation of a compiled step that TensorFlow ran. */
export interface OperationTime {
  /** The network's module that called it, such as `encoders.0.0`; empty outside of the network (loss, optimizer). */
  readonly path: string;
  /** Whether it is of the gradient of that module. */
  readonly gradient: boolean;
  /** TensorFlow's type, e.g. `Conv2D`. */
  readonly type: string;
  /** On a CPU what it took, with the threads that it waited for; on a GPU what it took to launch it. */
  readonly ms: number;
}

/** What TensorFlow tells, of all that it tells: `decoders.0.1/gradient/MatMul_532:_MklMatMul`. */
const OPERATION = /^(?:([\w.-]+?)(\/gradient)?\/)?\w+:(\w+)$/;

/** What it tells where it begins and ends a call of a function: `...::Start#name=decoders.0.1/gradient/Call_321,kernel_type=dualprior_step_0,...`. */
const CALL = /^ExecutorState::ProcessAsync::(Start|Done)#name=([\w.-]+?)(\/gradient)?\/Call_(\d+),kernel_type=(\w+),/;

/** One run of a function that modules share. Its operations bear the path of the module that was traced, which is the first that calls it. */
interface SharedCall {
  readonly traced: string;
  readonly path: string;
  readonly gradient: boolean;
  readonly start: number;
  readonly end: number;
}

/** The operations of compiled steps that run in `compute`, one entry for each time that one ran. */
export function recordOperations(recorder: OperationRecorder, compute: () => void): OperationTime[] {
  if (!recorder.start()) throw new Error('TensorFlow records operations for somebody else already.');
  try {
    compute();
  } catch (error) {
    recorder.stop();
    throw error;
  }
  const recorded = recorder.stop();
  const calls = sharedCalls(recorded);
  return recorded.flatMap(({ name, start, end }) => {
    const [, path = '', gradient, type] = OPERATION.exec(name) ?? [];
    if (type === undefined) return [];
    return [{ ...caller(path, gradient !== undefined, start, calls), type, ms: (end - start) / 1e6 }];
  });
}

/** The module for which an operation ran at that time. */
function caller(path: string, gradient: boolean, at: number, calls: readonly SharedCall[]) {
  const call = calls.find(({ traced, start, end }) => at >= start && at <= end && `${path}.`.startsWith(`${traced}.`));
  if (!call) return { path, gradient };
  return { path: call.path + path.slice(call.traced.length), gradient: gradient || call.gradient };
}

/** The calls of shared functions, the last one first. */
function sharedCalls(recorded: readonly Recorded[]): SharedCall[] {
  const begun = new Map<string, Recorded[]>();
  const calls: (Omit<SharedCall, 'traced'> & { readonly node: number; readonly called: string })[] = [];
  for (const one of [...recorded].sort((a, b) => a.start - b.start)) {
    const [, event, path, gradient, node, called] = CALL.exec(one.name) ?? [];
    if (path === undefined) continue;
    const key = `${called} ${node}`;
    if (event === 'Start') begun.set(key, [...(begun.get(key) ?? []), one]);
    else {
      const start = begun.get(key)?.shift()?.start ?? one.start;
      calls.push({ path, gradient: gradient !== undefined, start, end: one.end, node: Number(node), called: called! });
    }
  }
  const first = (name: string) =>
    calls.filter(({ called }) => called === name).reduce((a, b) => (b.node < a.node ? b : a)).path;
  const traced = new Map([...new Set(calls.map(({ called }) => called))].map((name) => [name, first(name)]));
  return calls.map((call) => ({ ...call, traced: traced.get(call.called)! })).sort((a, b) => b.start - a.start);
}

/** Milliseconds that `compute` takes, and how many of them it spends in TensorFlow: the rest is JavaScript. */
export function nativeTime(compute: () => void): { ms: number; nativeMs: number } {
  const backend = tf.backend() as unknown as NodeBackend;
  const { binding } = backend;
  let nativeMs = 0;
  const timed = <Arguments extends unknown[], Result>(call: (...values: Arguments) => Result) => ({
    value: (...values: Arguments): Result => {
      const start = performance.now();
      try {
        return call.apply(binding, values);
      } finally {
        nativeMs += performance.now() - start;
      }
    },
  });
  backend.binding = Object.create(binding, {
    executeOp: timed(binding.executeOp),
    createTensor: timed(binding.createTensor),
    tensorDataSync: timed(binding.tensorDataSync),
  }) as NodeBinding;
  const start = performance.now();
  try {
    compute();
  } finally {
    backend.binding = binding;
  }
  return { ms: performance.now() - start, nativeMs };
}
