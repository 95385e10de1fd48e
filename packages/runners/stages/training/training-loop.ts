import { setImmediate } from 'node:timers/promises';
import type { Column } from '@dualprior/blocks';
import { fromJournalNumber, toJournalNumber, UserError, type Journal, Interrupted } from '@dualprior/core';
import { elapsed } from '../../console/duration.ts';
import type { BestCheckpoint, StageContext, Trained } from '../stage.ts';
import type { Progress } from '../../store/progress.ts';
import type { TrainingState } from '../../store/training-state.ts';

/** What a stage plugs into the loop. */
export interface Training {
  readonly iterations: number;
  readonly state: TrainingState;
  /** One iteration (from 0). Where a number of it is not finite, it leaves the state as it was. */
  step(iteration: number): Promise<StepResult>;
  readonly validations: readonly (PeriodicValidation | undefined)[];
  /** Writes the networks' files; `best` if this validation was the best so far. They say what the best checkpoint is. */
  export(file: 'best' | 'last', best: BestCheckpoint | undefined): void;
  readonly saveEvery: number;
  readonly logEvery: number;
}

export interface PeriodicValidation {
  readonly every: number;
  /** How its values rank the networks; undefined where nothing is better than another. At most one validation of a stage ranks. */
  readonly ranking: Ranking | undefined;
  /** Before the first iteration. */
  begin(journal: Journal): Promise<void>;
  /** After so many iterations. Returns the value by which it ranks, if it does. */
  run(iterations: number, journal: Journal): Promise<number | undefined>;
}

export interface Ranking {
  readonly better: Column['better'];
  /** A value for display, e.g. `validation PSNR 28.40 dB`. */
  describe(value: number): string;
}

/** What one iteration is worth curves, by their names. An iteration need not have all of them. */
export interface StepResult {
  /** A point of the curve is the mean since the last one. */
  readonly losses: Readonly<Record<string, number>>;
  /** Drawn as it is. */
  readonly rates: Readonly<Record<string, number>>;
  /** What was not finite first, for display; the step changed nothing then. */
  readonly notFinite?: string;
}

/**
 * Iterates, logs, validates and checkpoints, and resumes from the last checkpoint with bit-identical results:
 * whatever happened after it is cut off the journal and done again.
 */
export async function trainingLoop(training: Training, context: StageContext): Promise<Trained> {
  const { iterations, state } = training;
  const validations = training.validations.filter((each) => each !== undefined);
  const ranking = validations.find((each) => each.ranking)?.ranking;
  const saved = state.load((line) => context.console.warn(line));
  context.unreadable.restore(saved?.unreadable);
  const progress: Progress = saved ?? { iteration: 0, validated: 0, journal: 0, seconds: 0, curves: {} };
  const journal = context.openJournal(progress.journal);
  if (!saved) for (const validation of validations) await validation.begin(journal);
  if (progress.iteration > 0) context.console.info(`  resumes at iteration ${progress.iteration} of ${iterations}`);
  progress.validated ??= progress.iteration;
  const bar = context.console.progress('training', iterations, progress.iteration, 'iterations');
  let clock = performance.now();

  const best = () => bestOf(progress, ranking);

  const save = () => {
    const now = performance.now();
    progress.seconds += (now - clock) / 1000;
    clock = now;
    progress.journal = journal.position;
    const unreadable = context.unreadable.state;
    if (unreadable) progress.unreadable = unreadable;
    state.save(progress);
  };

  const validate = async (done: number) => {
    const due = validations.filter(({ every }) => done % every === 0 || done === iterations);
    // Before a validation: one that is stopped is then done again, but no iteration is.
    if (due.length > 0 || done % training.saveEvery === 0 || done === iterations) save();
    for (const validation of due) {
      const value = await validation.run(done, journal);
      if (value !== undefined && isBetter(value, progress.best, validation.ranking)) {
        progress.best = { iteration: done, value: toJournalNumber(value) };
        training.export('best', best());
      }
    }
    progress.validated = done;
  };

  try {
    if (progress.validated < progress.iteration) await validate(progress.iteration);
    context.iterated?.(progress.iteration);
    while (progress.iteration < iterations) {
      await setImmediate(); // lets signals and the tracker have their turn
      if (context.signal.aborted) {
        save();
        throw new Interrupted();
      }
      const { losses, rates, notFinite } = await training.step(progress.iteration);
      if (notFinite !== undefined) {
        save();
        throw diverged(context, progress.iteration, notFinite);
      }
      addTo(progress.curves, losses);
      const done = ++progress.iteration;
      if (done % training.logEvery === 0 || done === iterations) {
        for (const [name, { sum, count }] of Object.entries(progress.curves)) journal.metric(name, sum / count, done);
        for (const [name, value] of Object.entries(rates)) journal.metric(name, value, done);
        progress.curves = {};
      }
      bar.update(done, note(losses, bestNote(best())));
      context.iterated?.(done);
      await validate(done);
    }
  } finally {
    bar.stop();
  }
  training.export('last', best());
  context.console.info([`  trained in ${elapsed(progress.seconds)}`, ...bestNote(best())].join(', '));
  return { seconds: progress.seconds, best: best() };
}

function addTo(curves: Progress['curves'], losses: StepResult['losses']): void {
  for (const [name, value] of Object.entries(losses)) {
    const { sum, count } = curves[name] ?? { sum: 0, count: 0 };
    curves[name] = { sum: sum + value, count: count + 1 };
  }
}

/** The losses that stand beside the progress bar, where a stage has them. */
const HEADLINE = ['loss', 'loss_g', 'loss_d'];

function note(losses: StepResult['losses'], more: readonly string[]): string {
  const shown = HEADLINE.flatMap((name) => {
    const value = losses[name];
    return value === undefined ? [] : [`${name.replaceAll('_', ' ')} ${value.toPrecision(4)}`];
  });
  return [...shown, ...more].join(' · ');
}

/** The first is; NaN is worse than any number. */
function isBetter(value: number, best: Progress['best'], ranking: Ranking | undefined): boolean {
  if (!ranking) return false;
  const known = best ? fromJournalNumber(best.value) : NaN;
  return Number.isNaN(known) || (ranking.better === 'higher' ? value > known : value < known);
}

function bestOf({ best }: Progress, ranking: Ranking | undefined): BestCheckpoint | undefined {
  return ranking && best && { iteration: best.iteration, by: ranking.describe(fromJournalNumber(best.value)) };
}

function bestNote(best: BestCheckpoint | undefined): string[] {
  return best ? [`best ${best.by} at ${best.iteration}`] : [];
}

function diverged({ name, folder }: StageContext, iterations: number, what: string): UserError {
  return new UserError(
    `Stage "${name}" stopped at iteration ${iterations + 1}: ${what}.\n` +
      `  The state after ${iterations} iterations is kept in ${folder}.\n` +
      '  A lower learning rate, a warm-up or gradient clipping (clipNorm) usually help.',
  );
}
