import { basename } from 'node:path';
import type { Sampler } from '@dualprior/blocks';
import {
  describeOwner,
  Journal,
  UserError,
  type Engine,
  type Experiment,
  type LockOwner,
  Interrupted,
} from '@dualprior/core';
import { edited, warnOfEdits } from '../code/edited.ts';
import type { Code } from '../code/code.ts';
import type { ExperimentCode } from '../code/experiment-code.ts';
import type { Console } from '../console/console.ts';
import { stages, type Stage, type Trained } from '../stages/stage.ts';
import { UnreadableImages } from '../inference/unreadable-images.ts';
import { removePreviousState } from '../store/training-state.ts';
import { ofStage } from '../store/weights-metadata.ts';
import type { StageFolder } from '../store/stage-folder.ts';
import type { Session } from './session.ts';
import { dataOfStage } from './dataset-uses.ts';
import { actionFor, type PlannedStage } from './plan.ts';
import { fixThreads } from './threads.ts';

/** What `--json` says about a stage. */
export interface StageOutcome {
  readonly name: string;
  readonly hash: string;
  readonly action: 'trained' | 'resumed' | 'reused';
  /** Seconds spent training it, over all sessions. */
  readonly seconds: number;
  /** That its code was edited since it was started, if it was. */
  readonly edited?: string;
}

/** What stages of one run share. */
interface StageRun {
  readonly experiment: Experiment;
  readonly engine: Engine;
  /** Undefined if unknown. */
  readonly code: ExperimentCode | undefined;
  readonly instancesFor: Session['instancesFor'];
  readonly sampler: Sampler;
  readonly console: Console;
  readonly signal: AbortSignal;
  /** Whether to wait for a stage that another process trains. */
  readonly wait: boolean;
}

/**
 * Trains a stage, continues with it, or takes it as it is. Its folder is there.
 * Errors: `UserError` if another process trains it and this run does not wait; `Interrupted`.
 */
export async function trainStage(planned: PlannedStage, run: StageRun): Promise<StageOutcome> {
  const { name, hash, folder } = planned;
  folder.usedAs(`${run.experiment.name}/${name}`);
  const outcome = async (): Promise<StageOutcome> => {
    const action = actionFor(folder);
    const code = run.code?.ofStage(name);
    const edits = action === 'train' ? undefined : editsOf(name, action, folder, code, run.console);
    if (action !== 'reuse') {
      fixThreads(name, folder, run.engine);
      if (action === 'train' && code) folder.update({ code });
      const { seconds } = await train(name, folder, run);
      return { name, hash, action: action === 'resume' ? 'resumed' : 'trained', seconds, ...edits };
    }
    run.console.heading(`Stage ${name} · trained before, reused`);
    return { name, hash, action: 'reused', seconds: folder.record.seconds, ...edits };
  };
  if (planned.action === 'reuse') return outcome();
  try {
    return await folder.exclusively(outcome, (owner) => waiting(name, folder, owner, run), run.signal);
  } catch (error) {
    throw (error as Error).name === 'AbortError' ? new Interrupted() : error;
  }
}

/** Says that the code of a stage was edited since it was started. */
function editsOf(
  name: string,
  action: 'resume' | 'reuse',
  folder: StageFolder,
  code: Code | undefined,
  console: Console,
): Pick<StageOutcome, 'edited'> {
  const what = `Stage ${name} was ${action === 'reuse' ? 'trained' : 'begun'}`;
  const found = edited(what, folder.record.code, code);
  const how = action === 'reuse' ? 'It is reused.' : 'It continues with this code.';
  warnOfEdits(
    found,
    `${how} If the edits change results, increment \`version\` in the declaration of the component, or train it again: --retrain ${name}.`,
    console,
  );
  return found === undefined ? {} : { edited: found };
}

/** Errors: `UserError` if the run does not wait. */
function waiting(name: string, folder: StageFolder, owner: LockOwner, { experiment, console, wait }: StageRun): void {
  const trainer = describeOwner(owner);
  if (!wait) {
    throw new UserError(
      `Stage ${name} is being trained by ${trainer} (${folder.path}). Without --no-wait this run waits for it.`,
    );
  }
  const { iterations } = stages.about(experiment.entry('stages', name));
  const iteration = folder.progress?.iteration ?? 0;
  console.info(
    `  Stage ${name} is being trained by ${trainer}, iteration ${iteration} of ${iterations}: waiting for it.`,
  );
}

async function train(name: string, folder: StageFolder, run: StageRun): Promise<Trained> {
  let journal: Journal | undefined;
  const openJournal = (position: number): Journal => {
    journal = Journal.open(folder.journal, { position });
    if (position === 0) {
      journal.start(name);
      journal.params(summary(name, run.experiment));
      for (const use of dataOfStage(run.experiment, name)) journal.dataset(use);
    }
    return journal;
  };
  const { container, networks } = run.instancesFor(name);
  try {
    const stage = container.get<Stage>('stages', name);
    run.console.heading(`Stage ${name} · ${describe(stage)}`);
    const { experiment, sampler, console, signal } = run;
    const unreadable = new UnreadableImages(console);
    const trained = await stage.train({
      name,
      folder: folder.path,
      seed: experiment.stageSeed(name),
      runtime: experiment.config.runtime,
      metadata: ofStage(experiment, name),
      openJournal,
      sampler,
      unreadable,
      console,
      signal,
    });
    const { iterations, result } = stage;
    journal?.model({ id: modelId(folder), name, file: folder.weights(result), chosen: chosen(trained, result) });
    journal?.end('FINISHED');
    const without = unreadable.state && { unreadable: unreadable.state };
    folder.update({ complete: true, result, iterations, ...trained, ...without });
    removePreviousState(folder.path);
    return trained;
  } catch (error) {
    journal?.end(error instanceof Interrupted ? 'KILLED' : 'FAILED');
    throw error;
  } finally {
    journal?.close();
    networks.release();
  }
}

/** By what trackers know the networks of a trained stage. */
export function modelId(folder: StageFolder): string {
  return basename(folder.path);
}

/** How the networks of a stage were chosen, for display; empty where they are the last. */
function chosen({ best }: Trained, result: Stage['result']): string {
  return best && result === 'best' ? `best ${best.by} at iteration ${best.iteration}` : '';
}

/** What a stage is, in a few parameters; all of them stand in the run of the experiment. */
function summary(name: string, experiment: Experiment): Record<string, unknown> {
  const spec = experiment.entry('stages', name);
  const { iterations } = stages.about(spec);
  return { type: spec.type, iterations, ...Object.fromEntries(experiment.networkRoles('stages', name)) };
}

function describe({ trains, iterations }: Stage): string {
  const networks = [...trains.values()].map(
    ({ reference, parameters }) => `trains ${reference}, ${millions(parameters.count)} parameters`,
  );
  return [...networks, `${iterations} iterations`].join(' · ');
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(count < 1e6 ? 3 : 2)} M`;
}
