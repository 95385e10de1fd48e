import { nativeTime } from '@dualprior/core';
import type { Workload } from './workload.ts';
import { aligned, allButFirst } from '../console/aligned.ts';

interface ModuleTime {
  /** Path in the network; empty for what is no part of it: loss, optimizer, checks. */
  readonly path: string;
  readonly forwardMs: number;
  readonly gradientMs: number;
}

interface TypeTime {
  /** TensorFlow's type of operation. */
  readonly type: string;
  readonly count: number;
  readonly ms: number;
}

/** Where one step spends its time, in milliseconds; means over some steps. Modules and types are sorted, slowest first. */
export interface Profile {
  /** One step, without recording its operations. */
  readonly ms: number;
  /** How much of it is spent in TensorFlow's library, and how much in JavaScript. */
  readonly tensorflowMs: number;
  readonly javascriptMs: number;
  /** Time in operations; of those that run at the same time each counts. Only compiled steps tell theirs. */
  readonly modules: readonly ModuleTime[];
  readonly types: readonly TypeTime[];
}

/** Profiles a workload that is warm. */
export function profile({ engine, step }: Pick<Workload, 'engine' | 'step'>, steps: number): Profile {
  const run = () => {
    for (let i = 0; i < steps; i++) step();
  };
  const { ms, nativeMs } = nativeTime(run);
  const modules = new Map<string, { forwardMs: number; gradientMs: number }>();
  const types = new Map<string, { count: number; ms: number }>();
  for (const { path, gradient, type, ms } of engine.profile(run)) {
    const module = modules.get(path) ?? { forwardMs: 0, gradientMs: 0 };
    module[gradient ? 'gradientMs' : 'forwardMs'] += ms / steps;
    modules.set(path, module);
    const same = types.get(type) ?? { count: 0, ms: 0 };
    types.set(type, { count: same.count + 1 / steps, ms: same.ms + ms / steps });
  }
  return {
    ms: ms / steps,
    tensorflowMs: nativeMs / steps,
    javascriptMs: (ms - nativeMs) / steps,
    modules: [...modules].map(([path, times]) => ({ path, ...times })).sort((a, b) => total(b) - total(a)),
    types: [...types].map(([type, times]) => ({ type, ...times })).sort((a, b) => b.ms - a.ms),
  };
}

function total({ forwardMs, gradientMs }: Omit<ModuleTime, 'path'>): number {
  return forwardMs + gradientMs;
}

const SHOWN = 12;

/** The profile for display: parts of the network by the first two names of their paths, and the costliest types of operations. */
export function profileText(name: string, { ms, tensorflowMs, javascriptMs, modules, types }: Profile): string {
  const parts = new Map<string, { count: number; forwardMs: number; gradientMs: number }>();
  for (const { path, forwardMs, gradientMs } of modules) {
    const part = path === '' ? '(outside of modules)' : path.split('.').slice(0, 2).join('.');
    const sum = parts.get(part) ?? { count: 0, forwardMs: 0, gradientMs: 0 };
    parts.set(part, {
      count: sum.count + 1,
      forwardMs: sum.forwardMs + forwardMs,
      gradientMs: sum.gradientMs + gradientMs,
    });
  }
  const all = modules.reduce((sum, module) => sum + total(module), 0);
  const share = (part: number) => `${((100 * part) / all).toFixed(1)} %`;
  const partRows = [...parts]
    .sort(([, a], [, b]) => total(b) - total(a))
    .slice(0, SHOWN)
    .map(([part, { count, forwardMs, gradientMs }]) => {
      const label = count > 1 ? `${part} (${count} modules)` : part;
      return [label, forwardMs.toFixed(1), gradientMs.toFixed(1), share(forwardMs + gradientMs)];
    });
  const typeRows = types
    .slice(0, SHOWN)
    .map(({ type, count, ms }) => [type, count.toFixed(0), ms.toFixed(1), share(ms)]);
  return [
    `${name}: ${ms.toFixed(1)} ms per step, of which TensorFlow ${tensorflowMs.toFixed(1)}, JavaScript ${javascriptMs.toFixed(1)}`,
    columns([['module', 'forward ms', 'gradient ms', 'of all'], ...partRows]),
    columns([['operation', 'times', 'ms', 'of all'], ...typeRows]),
    `Time in operations, ${all.toFixed(1)} ms together; of those that run at the same time each counts.`,
  ].join('\n\n');
}

function columns(rows: readonly (readonly string[])[]): string {
  return aligned(rows, allButFirst(rows)).join('\n');
}
