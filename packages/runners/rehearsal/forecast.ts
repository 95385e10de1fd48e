import { basename } from 'node:path';
import { Container, LOG, type Experiment } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import { actionFor, folderIfKnown, stagesInOrder, type Action } from '../experiment/plan.ts';
import { withoutWeights } from '../checks/preflight.ts';
import { openStore } from '../experiment/session.ts';
import { stages } from '../stages/stage.ts';
import { StoredStages } from '../store/stored-stages.ts';
import type { StageEstimate } from './estimate.ts';
import { measureStages } from './measure-stages.ts';
import { checkRehearsed } from './rehearsal-checks.ts';
import { stageNetworks, type StageNetwork } from './stage-networks.ts';
import { componentFiles, loadRehearsal, type Rehearsed, type RehearsedFile } from './stand-ins.ts';
import type { RehearsalTask } from './task.ts';

/** What a run would do with one stage. */
export interface StageForecast {
  readonly name: string;
  /** Null where the stage depends on a file or folder that is missing. */
  readonly hash: string | null;
  readonly action: Action;
  /** In all, and how many of them are behind it. */
  readonly iterations: number;
  readonly done: number;
  /** That its training took so far. */
  readonly seconds: number;
  readonly networks: readonly StageNetwork[];
  /** Absent where nothing is left to train, or where it cannot be measured. */
  readonly estimate?: StageEstimate;
}

/** What a run would do, on this machine. */
export interface Forecast {
  readonly experiment: Experiment;
  readonly stages: readonly StageForecast[];
  /** Why a stage could not be measured, and what stood in for what is missing, a line each. */
  readonly remarks: readonly string[];
}

export interface ForecastOptions extends RehearsedFile {
  readonly device: RehearsalTask['device'];
  readonly console: Console;
  readonly signal: AbortSignal;
}

/**
 * What a run would train, continue with and take as it is, its networks, and an estimate of time and memory for what is left to train, measured in
 * its first iterations. What is missing has stand-ins. Errors: what is wrong with the file; `Interrupted`.
 */
export async function forecast(
  file: string,
  { set, sweep, only, device, console, signal }: ForecastOptions,
): Promise<Forecast> {
  const rehearsed = loadRehearsal(file, { set, sweep, only });
  const { experiment, written, standIns } = rehearsed;
  try {
    checkRehearsed(rehearsed, console);
    const all = unmeasured(rehearsed, console);
    const task = { file, set, sweep, only, device, components: componentFiles(rehearsed) };
    const toTrain = all
      .filter(({ action }) => action !== 'reuse')
      .map(({ name }) => ({ label: name, stage: name, experiment, task }));
    const { estimates, problems } = await measureStages(toTrain, { console, signal, standIns });
    const measured = all.map((stage) => withEstimate(stage, estimates.get(stage.name)));
    return { experiment: written, stages: measured, remarks: [...standIns, ...problems] };
  } finally {
    rehearsed.end();
  }
}

export function withEstimate<S extends StageForecast>(stage: S, estimate: StageEstimate | undefined): S {
  return estimate ? { ...stage, estimate } : stage;
}

/** Seconds of what is left to train of a stage. */
export function secondsLeft({ iterations, done, estimate }: StageForecast): number {
  return estimate ? estimate.secondsPerIteration * (iterations - done) : 0;
}

/** The stages of an experiment without how long they will take. */
export function unmeasured({ experiment, written }: Rehearsed, console: Console): StageForecast[] {
  const stored = new StoredStages(written, openStore(written));
  const untrained = withoutWeights(experiment, new Container(experiment, { services: [[LOG, console]] }), console);
  return stagesInOrder(written).map((name) => {
    const folder = folderIfKnown(stored, name);
    const hash = folder ? basename(folder.path) : null;
    const action = folder ? actionFor(folder) : 'train';
    const { iterations } = stages.about(written.entry('stages', name));
    const networks = stageNetworks(name, experiment, untrained);
    const done = action === 'reuse' ? iterations : (folder?.progress?.iteration ?? 0);
    return { name, hash, action, iterations, done, seconds: folder?.record.seconds ?? 0, networks };
  });
}
