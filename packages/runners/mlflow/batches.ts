import { LIMITS } from './names.ts';

export interface MlflowMetric {
  readonly key: string;
  readonly value: number;
  /** ms since 1970. */
  readonly timestamp: number;
  readonly step: number;
  /** The logged model that was measured, and the data set on which. */
  readonly model_id?: string | undefined;
  readonly dataset_name?: string | undefined;
  readonly dataset_digest?: string | undefined;
}

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** What one `runs/log-batch` holds. */
export interface LogBatch {
  readonly metrics: MlflowMetric[];
  readonly params: KeyValue[];
  readonly tags: KeyValue[];
}

interface BatchLimits {
  readonly metrics: number;
  readonly params: number;
  readonly tags: number;
  readonly entities: number;
  readonly bytes: number;
}

const BATCH_LIMITS: BatchLimits = {
  metrics: LIMITS.metricsInBatch,
  params: LIMITS.paramsInBatch,
  tags: LIMITS.tagsInBatch,
  entities: LIMITS.entitiesInBatch,
  bytes: LIMITS.bytesInBatch,
};

/** Bytes of a request around its entities: run id, names of the lists, brackets. */
const ENVELOPE = 512;

/** Splits into batches that MLflow accepts, keeping the order within each kind. */
export function splitBatch(whole: LogBatch, limits: BatchLimits = BATCH_LIMITS): LogBatch[] {
  const batches: LogBatch[] = [];
  let batch: LogBatch = emptyBatch();
  let entities = 0;
  let bytes = ENVELOPE;
  for (const kind of ['params', 'tags', 'metrics'] as const) {
    for (const entity of whole[kind]) {
      const size = Buffer.byteLength(JSON.stringify(entity)) + 1;
      const full = batch[kind].length >= limits[kind] || entities >= limits.entities || bytes + size > limits.bytes;
      if (full && entities > 0) {
        batches.push(batch);
        batch = emptyBatch();
        entities = 0;
        bytes = ENVELOPE;
      }
      (batch[kind] as (typeof entity)[]).push(entity);
      entities++;
      bytes += size;
    }
  }
  if (entities > 0) batches.push(batch);
  return batches;
}

/** Two halves of a batch, to find what in it is refused; one if it holds a single entity. */
export function halves(batch: LogBatch): LogBatch[] {
  const entities = (['params', 'tags', 'metrics'] as const).flatMap((kind) =>
    batch[kind].map((entity) => ({ kind, entity })),
  );
  if (entities.length <= 1) return [batch];
  const middle = Math.ceil(entities.length / 2);
  return [entities.slice(0, middle), entities.slice(middle)].map((half) => {
    const part = emptyBatch();
    for (const { kind, entity } of half) (part[kind] as (typeof entity)[]).push(entity);
    return part;
  });
}

export function emptyBatch(): LogBatch {
  return { metrics: [], params: [], tags: [] };
}
