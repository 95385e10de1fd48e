import type { StateDict } from '../nn/parameters.ts';

/** What the profiler thop leaves in every layer of a network that it has counted. */
const COUNTER = /(^|\.)(total_ops|total_params)$/;

/** The tensors without thop's counters, which are no weights, and how many those were. */
export function withoutCounters(tensors: StateDict): { readonly tensors: StateDict; readonly count: number } {
  const others: StateDict = new Map([...tensors].filter(([name]) => !COUNTER.test(name)));
  return { tensors: others, count: tensors.size - others.size };
}

/** The tensors whose names begin with `prefix` and a dot, without it. */
export function withoutPrefix(state: StateDict, prefix: string): StateDict {
  const start = `${prefix}.`;
  return new Map(
    [...state].filter(([name]) => name.startsWith(start)).map(([name, tensor]) => [name.slice(start.length), tensor]),
  );
}
