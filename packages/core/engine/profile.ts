import * as tf from '@tensorflow/tfjs-core';
import type { NodeBackend, NodeBinding } from './compile/node-backend.ts';

/** The module `native/profile.cc`. */
export interface OperationRecorder {
  start(): boolean;
  stop(): readonly { readonly name: string; readonly start: number; readonly end: number }[];
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

/** The operations of compiled steps that run in `compute`, one entry for each time that one ran. */
export function recordOperations(recorder: OperationRecorder, compute: () => void): OperationTime[] {
  if (!recorder.start()) throw new Error('TensorFlow records operations for somebody else already.');
  try {
    compute();
  } catch (error) {
    recorder.stop();
    throw error;
  }
  return recorder.stop().flatMap(({ name, start, end }) => {
    const [, path, gradient, type] = OPERATION.exec(name) ?? [];
    if (type === undefined) return [];
    return [{ path: path ?? '', gradient: gradient !== undefined, type, ms: (end - start) / 1e6 }];
  });
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
