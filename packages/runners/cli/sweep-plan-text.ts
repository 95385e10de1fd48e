import { counted, type Sweep } from '@dualprior/core';
import { duration } from '../console/duration.ts';
import { secondsLeft } from '../rehearsal/forecast.ts';
import type { SharedStage, SweepForecast } from '../rehearsal/forecast-sweep.ts';
import { describeStageForecast } from './experiment-text.ts';

/** Experiments that a line names; of more it tells the count. */
const NAMED = 4;

/** What a sweep would do: its stages, each once, with those that they wait for, and the time in all. */
export function describeSweepForecast({ sweep, stages, remarks, ...time }: SweepForecast): string {
  const { base, variants, seeds } = sweep;
  const indent = ' '.repeat(19);
  const counts = [counted(variants.length / seeds.length, 'variant'), counted(seeds.length, 'seed')].join(' with ');
  const uses = stages.reduce((sum, { experiments }) => sum + experiments.length, 0);
  const sharing = uses === stages.length ? ', none shared' : ` (${uses} if none were shared)`;
  const byId = new Map(stages.map((stage) => [stage.id, stage]));
  const lines = stages.flatMap((stage) => [
    ...describeStageForecast(stage),
    `${indent}of ${whose(stage, sweep)}${stage.needs.length > 0 ? ` · after ${stage.needs.map((id) => nameOf(byId.get(id)!)).join(', ')}` : ''}`,
  ]);
  const left = stages.filter(({ estimate }) => estimate);
  return [
    `${base.name}: ${counts}, ${counted(stages.length, 'stage')}${sharing}`,
    ...lines,
    ...(base.config.evaluation
      ? [`  then evaluates ${counted(variants.length, 'experiment')} on "${base.config.evaluation.data}"`]
      : []),
    ...(left.length > 0 ? [timeInAll(time)] : []),
    ...remarks.map((remark) => `  ${remark}`),
  ].join('\n');
}

function timeInAll({
  seconds,
  processes,
  secondsSideBySide,
}: Omit<SweepForecast, 'sweep' | 'stages' | 'remarks'>): string {
  const all = `  in all about ${duration(seconds)} of training, each stage once`;
  if (processes === 1) return all;
  const by = processes === Infinity ? 'all that can at once' : `${processes} processes`;
  return `${all}; side by side (${by}) about ${duration(secondsSideBySide)}, if none slows another`;
}

/** `prior 8c9b1336e4ab18e4` */
function nameOf({ name, hash }: SharedStage): string {
  return `${name} ${hash ?? '(of missing files)'}`;
}

function whose({ experiments }: SharedStage, { variants }: Sweep): string {
  if (experiments.length === variants.length) return 'all experiments';
  const more = experiments.length - NAMED;
  return `${experiments.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${counted(more, 'other')}` : ''}`;
}

/** The document that `--plan --json` prints of a sweep. A number of processes that others decide is null. */
export function toSweepPlan({ sweep, stages, seconds, processes, secondsSideBySide, remarks }: SweepForecast): unknown {
  return {
    variants: sweep.variants.map(({ name, changes, experiment: { name: experiment, seed, hash } }) => ({
      variant: name,
      changes,
      seed,
      name: experiment,
      hash,
    })),
    graph: {
      nodes: stages.map((stage) => ({
        id: stage.id,
        hash: stage.hash,
        stage: stage.name,
        variants: stage.experiments,
        state: stage.action,
        iterations: stage.iterations,
        done: stage.done,
        networks: stage.networks,
        ...(stage.estimate && { estimate: { ...stage.estimate, seconds: secondsLeft(stage) } }),
      })),
      edges: stages.flatMap(({ id, needs }) => needs.map((from) => ({ from, to: id }))),
    },
    seconds,
    processes: Number.isFinite(processes) ? processes : null,
    secondsSideBySide,
    remarks,
  };
}
