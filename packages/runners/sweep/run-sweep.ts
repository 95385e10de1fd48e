import { counted, type Sweep } from '@dualprior/core';
import { compareRuns, type RunComparison } from '../compare/compare-runs.ts';
import { readRun } from '../compare/read-run.ts';
import type { Console } from '../console/console.ts';
import type { Launcher } from '../launchers/launcher.ts';
import { labelOf, stageTasks, wholeTask, type Start } from './tasks.ts';

/** How one variant ended, with one seed. */
interface VariantOutcome {
  /** Empty for the experiment itself. */
  readonly variant: string;
  readonly changes: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** Null where it failed. */
  readonly runDir: string | null;
  /** What `yarn experiment --json` says of it; null where it failed. */
  readonly run: unknown;
  readonly error: string | null;
}

interface SweepOutcome {
  readonly shared: readonly string[];
  readonly variants: readonly VariantOutcome[];
  /** Of those that ended; undefined where none did, or where nothing is evaluated. */
  readonly comparison: RunComparison | undefined;
}

interface SweepOptions extends Start {
  readonly launcher: Launcher;
  readonly console: Console;
  readonly signal: AbortSignal;
}

/**
 * Runs all variants of a sweep. What several of them have in common is trained once. One that fails stops no other; the same command goes on with
 * the rest. Errors: `Interrupted`.
 */
export async function runSweep(sweep: Sweep, options: SweepOptions): Promise<SweepOutcome> {
  const { launcher, console, signal } = options;
  const { base, variants, seeds, shared } = sweep;
  console.heading(
    `${base.name}: ${counted(variants.length / seeds.length, 'variant')} with ${counted(seeds.length, 'seed')}`,
  );
  if (shared.length > 0) console.info(`  trained once for all seeds, with seed ${seeds[0]}: ${shared.join(', ')}`);
  const tasks =
    launcher.processes === 1
      ? variants.map((variant) => wholeTask(variant, sweep, options))
      : stageTasks(sweep, options);
  const ends = new Map((await launcher.run(tasks, { console, signal })).map((end) => [end.task.id, end]));
  const outcomes = variants.map(({ name, changes, experiment }): VariantOutcome => {
    const { problem, document } = ends.get(experiment.name)!;
    const run = problem === undefined ? (document as { runDir: string }) : undefined;
    const about = { variant: name, changes, seed: experiment.seed };
    return { ...about, runDir: run?.runDir ?? null, run: run ?? null, error: problem ?? null };
  });
  for (const [i, { error }] of outcomes.entries()) {
    if (error !== null) console.warn(`${labelOf(variants[i]!, sweep)} has no result: ${error}`);
  }
  const ended = outcomes.flatMap(({ runDir }) => runDir ?? []);
  const comparison = base.config.evaluation && ended.length > 0 ? compareRuns(ended.map(readRun)) : undefined;
  return { shared, variants: outcomes, comparison };
}
