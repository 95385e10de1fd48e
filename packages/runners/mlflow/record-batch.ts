import { fromJournalNumber, isSystemMetric, type JournalRecord } from '@dualprior/core';
import { emptyBatch, type LogBatch, type MlflowMetric } from './batches.ts';
import { cutText, LIMITS, mlflowKey } from './names.ts';
import { cleanText } from './text.ts';

/** The journal's names of tags that MLflow shows in a place of their own. */
const MLFLOW_TAGS: Readonly<Record<string, string>> = {
  note: 'mlflow.note.content',
  user: 'mlflow.user',
  'source.name': 'mlflow.source.name',
  'source.git.commit': 'mlflow.source.git.commit',
  'source.git.branch': 'mlflow.source.git.branch',
  'source.git.repoURL': 'mlflow.source.git.repoURL',
  'source.git.dirty': 'mlflow.source.git.dirty',
};

interface BatchOptions {
  readonly systemMetrics: boolean;
  /** What a metric of a trained model says of it, by the model's id. */
  readonly aboutModel: (id: string) => Pick<MlflowMetric, 'model_id' | 'dataset_name' | 'dataset_digest'>;
}

/**
 * The parameters, tags and metrics of one run as MLflow takes them: names and values within its limits. A value that is
 * not finite becomes a tag (`nonfinite.KEY`: the step and the value), for MLflow's page breaks on such points.
 */
export function toLogBatch(records: readonly JournalRecord[], { systemMetrics, aboutModel }: BatchOptions): LogBatch {
  const batch = emptyBatch();
  for (const record of records) {
    if (record.event === 'param') {
      batch.params.push({ key: mlflowKey(record.key), value: cutText(cleanText(record.value), LIMITS.param) });
    } else if (record.event === 'tag') {
      const key = MLFLOW_TAGS[record.key] ?? mlflowKey(record.key);
      batch.tags.push({ key, value: cutText(cleanText(record.value), LIMITS.tag) });
    } else if (record.event === 'metric' && (systemMetrics || !isSystemMetric(record))) {
      const value = fromJournalNumber(record.value);
      const key = mlflowKey(record.key);
      const about = record.model === undefined ? {} : aboutModel(record.model);
      if (Number.isFinite(value))
        batch.metrics.push({ key, value, timestamp: record.time, step: record.step, ...about });
      else batch.tags.push({ key: mlflowKey(`nonfinite.${record.key}`), value: `step ${record.step}: ${value}` });
    }
  }
  return batch;
}
