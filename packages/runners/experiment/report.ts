import type { Experiment } from '@dualprior/core';
import { duration } from '../console/duration.ts';
import type { Estimates, StageEstimate } from '../rehearsal/estimate.ts';
import { bytes, millions } from '../rehearsal/figures.ts';
import type { PlannedStage } from './plan.ts';
import type { RunOutcome } from './run.ts';

/** The one document that `yarn experiment --json` prints. A value that is not finite is null. */
export function toJson({ runDir, mlflow, results, stages }: RunOutcome): unknown {
  return {
    runDir,
    mlflow: mlflow && { uri: mlflow.uri, experimentId: mlflow.experimentId, runId: mlflow.runId },
    results: (results?.rows ?? []).map(({ method, values }) => ({
      method,
      ...Object.fromEntries(results!.columns.map(({ name }, c) => [name, finite(values[c]!)])),
    })),
    stages,
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** What a run would do, a line a stage and one for what it will take on this machine. */
export function describePlan(
  experiment: Experiment,
  stages: readonly PlannedStage[],
  { stages: estimates, remarks }: Estimates,
): string {
  const lines = stages.flatMap(({ name, hash, action, folder }) => {
    const estimated = estimates.get(name);
    const line = `  ${name.padEnd(16)} ${hash}  ${explain(experiment, name, { action, folder })}`;
    return [line, ...(estimated ? [`${' '.repeat(19)}${describeEstimate(estimated)}`] : [])];
  });
  const { evaluation } = experiment.config;
  const rows = ['the degraded images', ...experiment.entries('methods').keys()];
  const all = [...estimates.values()];
  const peak = Math.max(...all.map(({ peakBytes }) => peakBytes ?? 0));
  return [
    `${experiment.name}: ${stages.length} stages`,
    ...lines,
    ...(evaluation ? [`  then evaluates ${rows.join(', ')} on "${evaluation.data}"`] : []),
    ...(all.length > 0
      ? [
          `  in all about ${duration(sum(all.map(({ seconds }) => seconds)))} of training, at most ${bytes(peak || null)} of memory`,
        ]
      : []),
    ...remarks.map((remark) => `  ${remark}`),
  ].join('\n');
}

function describeEstimate({
  networks,
  secondsPerIteration: each,
  seconds,
  peakBytes,
  measured,
}: StageEstimate): string {
  const trained = networks.map(({ reference, parameters }) => `${reference} ${millions(parameters)}`);
  return (
    `trains ${trained.join(', ')} · about ${duration(seconds)} (${each.toPrecision(2)} s an iteration, without validations), ` +
    `${bytes(peakBytes)} of memory, by ${measured} steps`
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function explain(
  experiment: Experiment,
  name: string,
  { action, folder }: Pick<PlannedStage, 'action' | 'folder'>,
): string {
  const iterations = Number(experiment.entries('stages').get(name)!['iterations']);
  const { progress } = folder;
  if (action === 'reuse') return `reuse (trained in ${duration(folder.record.seconds)})`;
  if (action === 'train' || !progress) return `train ${iterations} iterations`;
  return `resume at ${progress.iteration} of ${iterations} iterations`;
}
