import { counted, Interrupted, type Sweep } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import type { Tracked } from '../experiment/tracking.ts';
import type { Launcher } from '../launchers/launcher.ts';
import { conclude, type Conclusion } from './conclude.ts';
import { labelOf, stageTasks, sweepFolder, wholeTask, type Start } from './tasks.ts';
import { TrackedSweep } from './tracked-sweep.ts';
import { runName } from '../store/run-directory.ts';

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

interface SweepOutcome extends Conclusion {
  readonly shared: readonly string[];
  readonly variants: readonly VariantOutcome[];
  /** Where the sweep is to be seen. */
  readonly tracking: readonly Tracked[];
}

interface SweepOptions extends Start {
  readonly launcher: Launcher;
  readonly console: Console;
  readonly signal: AbortSignal;
}

/**
 * Runs all variants of a sweep. What several of them have in common is trained once. One that fails stops no other; the same command continues with
 * the rest. Errors: `Interrupted`.
 */
export async function runSweep(sweep: Sweep, options: SweepOptions): Promise<SweepOutcome> {
  const { console } = options;
  const { base, variants, seeds, shared } = sweep;
  console.heading(
    `${base.name}: ${counted(variants.length / seeds.length, 'variant')} with ${counted(seeds.length, 'seed')}`,
  );
  if (shared.length > 0) console.info(`  trained once for all seeds, with seed ${seeds[0]}: ${shared.join(', ')}`);
  const tracked = await TrackedSweep.begin(sweep, options.runs, console);
  let outcome: Untracked;
  try {
    outcome = await runVariants(sweep, { ...options, partOf: tracked?.path });
  } catch (error) {
    await tracked?.end(error instanceof Interrupted ? 'KILLED' : 'FAILED');
    throw error;
  }
  const failed = outcome.variants.some(({ error }) => error !== null);
  const tracking = (await tracked?.end(failed ? 'FAILED' : 'FINISHED', outcome.comparison)) ?? [];
  return { ...outcome, tracking };
}

type Untracked = Omit<SweepOutcome, 'tracking'>;

async function runVariants(sweep: Sweep, options: SweepOptions): Promise<Untracked> {
  const { launcher, console, signal } = options;
  const { variants, shared } = sweep;
  const tasks =
    launcher.processes === 1
      ? variants.map((variant) => wholeTask(variant, sweep, options))
      : stageTasks(sweep, options);
  const folder = sweepFolder(sweep, options.runs);
  const ends = new Map((await launcher.run(tasks, { console, folder, signal })).map((end) => [end.task.id, end]));
  const outcomes = variants.map(({ name, changes, experiment }): VariantOutcome => {
    const { problem, document } = ends.get(runName(experiment))!;
    const run = problem === undefined ? (document as { runDir: string }) : undefined;
    const about = { variant: name, changes, seed: experiment.seed };
    return { ...about, runDir: run?.runDir ?? null, run: run ?? null, error: problem ?? null };
  });
  for (const [i, { error }] of outcomes.entries()) {
    if (error !== null) console.warn(`${labelOf(variants[i]!, sweep)} has no result: ${error}`);
  }
  return { shared, variants: outcomes, ...(await conclude(sweep, outcomes, options)) };
}
