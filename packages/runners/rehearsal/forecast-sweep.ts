import { type Sweep, parseNetworkReference, type Experiment } from '@dualprior/core';
import { launcherOf } from '../launchers/launcher-of.ts';
import { checkVariants } from '../checks/check-variants.ts';
import { secondsLeft, unmeasured, withEstimate, type ForecastOptions, type StageForecast } from './forecast.ts';
import { measureStages, type StageToMeasure } from './measure-stages.ts';
import { checkRehearsed } from './rehearsal-checks.ts';
import { makespan } from './schedule.ts';
import { componentFiles, loadRehearsal, loadVariants, type Rehearsed } from './stand-ins.ts';

/** A stage that one or more experiments of a sweep have. */
export interface SharedStage extends StageForecast {
  /** Its hash, or a name where that is not known. */
  readonly id: string;
  /** Names of the experiments. */
  readonly experiments: readonly string[];
  /** Ids of the stages that must have ended before. */
  readonly needs: readonly string[];
}

/** What a sweep would do, on this machine. */
export interface SweepForecast {
  readonly sweep: Sweep;
  /** Each once, behind those that it needs. */
  readonly stages: readonly SharedStage[];
  /** The remaining training time, one stage after the other. */
  readonly seconds: number;
  /** How many stages the launcher trains side by side; Infinity where others decide. */
  readonly processes: number;
  /** Until all is trained, if a stage takes no longer beside others. */
  readonly secondsSideBySide: number;
  /** As in `Forecast`. */
  readonly remarks: readonly string[];
}

/**
 * What all experiments of a file would train. What several of them have in common counts once, and steps that are the same are measured once.
 * Undefined where the file asks for one experiment only. Errors: all that is wrong with any variant; `Interrupted`.
 */
export async function forecastSweep(
  file: string,
  { set, sweep: given, device, console, signal }: ForecastOptions,
): Promise<SweepForecast | undefined> {
  const sweep = loadVariants(file, { set, sweep: given });
  if (sweep.variants.length === 1) return undefined;
  const standIns = new Set<string>();
  let end = () => {};
  const rehearse = (only: string) => {
    const rehearsed = loadRehearsal(file, { set, sweep: given, only });
    end = rehearsed.end;
    return rehearsed;
  };
  try {
    checkVariants(sweep, console, ({ name }, log) => checkRehearsed(rehearse(name), log));
    const found = new Map<string, SharedStage>();
    const toMeasure = new Map<string, StageToMeasure>();
    const steps = new Map<string, string>();
    for (const { experiment } of sweep.variants) {
      const rehearsed = rehearse(experiment.name);
      rehearsed.standIns.forEach((line) => standIns.add(line));
      const task = { file, set, sweep: given, only: experiment.name, device, components: componentFiles(rehearsed) };
      for (const stage of stagesOf(rehearsed, console, found)) {
        found.set(stage.id, stage);
        if (stage.action === 'reuse' || steps.has(stage.id)) continue;
        const step = stepKey(rehearsed.experiment, stage.name);
        const known = toMeasure.get(step);
        const label = known?.label ?? `${stage.name} of ${experiment.name}`;
        steps.set(stage.id, label);
        if (!known) toMeasure.set(step, { label, stage: stage.name, experiment: rehearsed.experiment, task });
      }
    }
    const { estimates, problems } = await measureStages([...toMeasure.values()], { console, signal, standIns });
    const stages = [...found.values()].map((stage) => withEstimate(stage, estimates.get(steps.get(stage.id) ?? '')));
    const timed = stages.map((stage) => ({ ...stage, seconds: secondsLeft(stage) }));
    const { processes } = launcherOf(sweep.base);
    return {
      sweep,
      stages,
      seconds: makespan(timed, 1),
      processes,
      secondsSideBySide: makespan(timed, processes),
      remarks: [...standIns, ...problems],
    };
  } finally {
    end();
  }
}

/** The stages of one experiment; those that others have too with all of these. */
function stagesOf(
  rehearsed: Rehearsed,
  console: ForecastOptions['console'],
  found: ReadonlyMap<string, SharedStage>,
): SharedStage[] {
  const { experiment, written } = rehearsed;
  const all = unmeasured(rehearsed, console);
  const ids = new Map(
    all.map(({ name, hash }) => [name, hash ?? `${name} of missing files, ${experiment.identity('stages', name)}`]),
  );
  return all.map((stage) => {
    const id = ids.get(stage.name)!;
    const needs = written.stagesBefore('stages', stage.name).map((name) => ids.get(name)!);
    return { ...stage, id, needs, experiments: [...(found.get(id)?.experiments ?? []), written.name] };
  });
}

/**
 * Equal for stages of which a step takes the same time: the same options, images and networks. Neither seeds count, nor how the networks came by their
 * weights.
 */
export function stepKey(experiment: Experiment, stage: string): string {
  const names = [...experiment.entries('stages').keys()];
  const unseeded = experiment.with({ seed: 0, stageSeeds: Object.fromEntries(names.map((name) => [name, 0])) });
  const { seed: _seed, ...options } = unseeded.entry('stages', stage) as unknown as Record<string, unknown>;
  const data = unseeded
    .references('stages', stage)
    .flatMap(({ section, name }) => (section === 'data' ? [unseeded.identity('data', name)] : []));
  const networks = [...unseeded.networkRoles('stages', stage)].map(([role, text]) => {
    const { network } = parseNetworkReference(text);
    return [role, network, unseeded.entry('networks', network)];
  });
  return JSON.stringify([options, data, networks, experiment.config.runtime]);
}
