import { UserError, type Experiment } from '@dualprior/core';
import { prepareData } from '../checks/preflight.ts';
import type { Console } from '../console/console.ts';
import { leftToTrain, plan } from './plan.ts';
import { samplerOf } from './sampler.ts';
import { openSession, type SessionOptions } from './session.ts';
import { trainStage, type StageOutcome } from './train-stage.ts';

interface TrainOnlyOptions extends SessionOptions {
  readonly console: Console;
  readonly signal: AbortSignal;
  readonly wait?: boolean | undefined;
}

/**
 * Trains one stage and what it depends on, into the store; there is no run, and nothing is evaluated or tracked: the run that needs the stage finds
 * it, with its curves. Errors: there is no such stage; those of a run.
 */
export async function trainOnly(
  experiment: Experiment,
  stage: string,
  options: TrainOnlyOptions,
): Promise<StageOutcome[]> {
  const needed = withNeeded(experiment, stage);
  const { console, signal, wait = true } = options;
  const session = await openSession(experiment, options);
  const toTrain = leftToTrain(session.stored).filter((name) => needed.has(name));
  await prepareData(experiment, session.container, toTrain, console);
  const sampler = samplerOf(experiment, session.container);
  const outcomes: StageOutcome[] = [];
  try {
    for (const planned of plan(session.stored)) {
      if (!needed.has(planned.name)) continue;
      session.stored.open(planned.name);
      outcomes.push(await trainStage(planned, { ...session, sampler, console, signal, wait }));
    }
    return outcomes;
  } finally {
    await sampler.close();
  }
}

/** A stage and everything that it depends on. */
function withNeeded(experiment: Experiment, stage: string): ReadonlySet<string> {
  const stages = [...experiment.entries('stages').keys()];
  if (!stages.includes(stage)) {
    throw new UserError(`--stage: there is no stage "${stage}". The experiment has ${stages.join(', ') || 'none'}.`);
  }
  return experiment.stagesBehind('stages', stage, new Set([stage]));
}
