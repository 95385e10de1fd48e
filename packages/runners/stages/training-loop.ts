import { setImmediate } from 'node:timers/promises';
import type { Journal } from '@dualprior/core';
import { UserError } from '@dualprior/core';
import { duration } from '../console/duration.ts';
import { Interrupted } from './interrupted.ts';
import type { StageContext } from './stage.ts';
import type { Progress, TrainingState } from './training-state.ts';

/** What a stage plugs into the loop. */
export interface Training {
  readonly iterations: number;
  readonly state: TrainingState;
  /** One iteration (from 0). Where a number of it is not finite, it leaves the state as it was. */
  step(iteration: number): Promise<StepResult>;
  readonly validation?: PeriodicValidation | undefined;
  /** Writes the networks' files; `best` if this validation was the best so far. */
  export(file: 'best' | 'last'): void;
  readonly saveEvery: number;
  readonly logEvery: number;
}

export interface PeriodicValidation {
  readonly every: number;
  /** PSNR of the degraded images themselves, before the first iteration. */
  begin(journal: Journal): Promise<number>;
  /** PSNR after so many iterations. */
  run(iterations: number, journal: Journal): Promise<number>;
}

export interface StepResult {
  readonly loss: number;
  readonly learningRate: number;
  /** What was not finite first, for people; the step changed nothing then. */
  readonly notFinite?: string;
}

/**
 * Iterates, logs, validates and checkpoints, and resumes from the last checkpoint with bit-identical results:
 * whatever happened after it is cut off the journal and done again.
 * @returns seconds spent training, over all sessions
 */
export async function trainingLoop(training: Training, context: StageContext): Promise<number> {
  const { iterations, state, validation } = training;
  const saved = state.load();
  const progress: Progress = saved ?? { iteration: 0, journal: 0, seconds: 0, window: { sum: 0, count: 0 } };
  const journal = context.openJournal(progress.journal);
  if (validation && !saved) {
    const input = await validation.begin(journal);
    context.console.info(`  the degraded validation images have ${input.toFixed(2)} dB`);
  }
  if (progress.iteration > 0) context.console.info(`  resumes at iteration ${progress.iteration} of ${iterations}`);
  const bar = context.console.progress('training', iterations, progress.iteration, 'iterations');
  let clock = performance.now();

  const save = () => {
    const now = performance.now();
    progress.seconds += (now - clock) / 1000;
    clock = now;
    progress.journal = journal.position;
    state.save(progress);
  };

  try {
    while (progress.iteration < iterations) {
      await setImmediate(); // lets signals and the tracker have their turn
      if (context.signal.aborted) {
        save();
        throw new Interrupted();
      }
      const { loss, learningRate, notFinite } = await training.step(progress.iteration);
      if (notFinite !== undefined) {
        save();
        throw diverged(context, progress.iteration, notFinite);
      }
      progress.window.sum += loss;
      progress.window.count++;
      const done = ++progress.iteration;
      if (done % training.logEvery === 0 || done === iterations) {
        journal.metric('loss', progress.window.sum / progress.window.count, done);
        journal.metric('learning_rate', learningRate, done);
        progress.window = { sum: 0, count: 0 };
      }
      bar.update(done, note(loss, progress));
      if (validation && (done % validation.every === 0 || done === iterations)) {
        const value = await validation.run(done, journal);
        if (!progress.best || value > progress.best.value) {
          progress.best = { iteration: done, value };
          training.export('best');
        }
      }
      if (done % training.saveEvery === 0 || done === iterations) save();
    }
  } finally {
    bar.stop();
  }
  training.export('last');
  context.console.info(
    `  trained in ${duration(progress.seconds)}${progress.best ? `, ${bestNote(progress.best)}` : ''}`,
  );
  return progress.seconds;
}

function note(loss: number, { best }: Progress): string {
  return `loss ${loss.toPrecision(4)}${best ? ` · ${bestNote(best)}` : ''}`;
}

function bestNote(best: NonNullable<Progress['best']>): string {
  return `best validation PSNR ${best.value.toFixed(2)} dB at ${best.iteration}`;
}

function diverged({ name, folder }: StageContext, iterations: number, what: string): UserError {
  return new UserError(
    `Stage "${name}" stopped at iteration ${iterations + 1}: ${what}.\n` +
      `  The state after ${iterations} iterations is kept in ${folder}.\n` +
      '  A lower learning rate, a warm-up or gradient clipping (clipNorm) usually help.',
  );
}
