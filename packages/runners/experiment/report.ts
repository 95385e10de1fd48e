import type { Experiment } from '@dualprior/core';
import { duration } from '../console/duration.ts';
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

/** What a run would do, a line a stage. */
export function describePlan(experiment: Experiment, stages: readonly PlannedStage[]): string {
  const lines = stages.map(
    ({ name, hash, action, folder }) =>
      `  ${name.padEnd(16)} ${hash}  ${explain(experiment, name, { action, folder })}`,
  );
  const { evaluation } = experiment.config;
  const rows = ['the degraded images', ...experiment.entries('methods').keys()];
  return [
    `${experiment.name}: ${stages.length} stages`,
    ...lines,
    ...(evaluation ? [`  then evaluates ${rows.join(', ')} on "${evaluation.data}"`] : []),
  ].join('\n');
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
  const left = (progress.seconds / progress.iteration) * (iterations - progress.iteration);
  return `resume at ${progress.iteration} of ${iterations} iterations, about ${duration(left)} left`;
}
