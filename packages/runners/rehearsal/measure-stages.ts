import { counted, UserError, type Experiment } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import { stages } from '../stages/stage.ts';
import { estimate, measureStage, type StageEstimate } from './estimate.ts';
import type { RehearsalTask } from './task.ts';

/** A stage that is to be measured in its first steps. */
export interface StageToMeasure {
  /** For display, and in what is returned. */
  readonly label: string;
  readonly stage: string;
  /** As it is rehearsed. */
  readonly experiment: Experiment;
  readonly task: Omit<RehearsalTask, 'part'>;
}

interface MeasuredStages {
  /** By label. */
  readonly estimates: ReadonlyMap<string, StageEstimate>;
  /** Why a stage could not be measured, a line each. */
  readonly problems: readonly string[];
}

/** Measures stages, one after the other. @param standIns gets what stood in for what is missing. Errors: `Interrupted`. */
export async function measureStages(
  all: readonly StageToMeasure[],
  {
    console,
    signal,
    standIns,
  }: { readonly console: Console; readonly signal: AbortSignal; readonly standIns: Set<string> },
): Promise<MeasuredStages> {
  if (all.length > 0)
    console.info(`Measuring ${counted(all.length, 'stage')} in the first steps; a large one takes some minutes.`);
  const problems: string[] = [];
  const estimates = new Map<string, StageEstimate>();
  const told = ({ type, line }: { type: string; line: string }) => void (type === 'stand-in' && standIns.add(line));
  for (const [i, { label, stage, experiment, task }] of all.entries()) {
    console.info(`  ${label} (${i + 1} of ${all.length})`);
    try {
      const { batch } = stages.about(experiment.entry('stages', stage));
      const measure = measureStage(stage, batch.name, task, { told, signal });
      estimates.set(label, await estimate(batch.value, measure));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(`${label} cannot be measured: ${error.message}`);
    }
  }
  return { estimates, problems };
}
