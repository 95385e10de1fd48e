import { resolve } from 'node:path';
import { fromJournalNumber, readWholeJournal, type JournalRecord } from '@dualprior/core';
import { isThere } from '../../evaluation/evaluate.ts';
import type { BestCheckpoint } from '../../stages/stage.ts';
import type { StageFolder } from '../../store/stage-folder.ts';

/** A curve of a stage: its points in the order of their steps. */
export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [step: number, value: number])[];
}

/** A picture that a stage made on its way. */
export interface Snapshot {
  readonly key: string;
  readonly step: number;
  readonly file: string;
}

/** What a trained stage has left: how long it was trained on how much, and its curves. */
export interface StageHistory {
  readonly name: string;
  readonly type: string;
  readonly hash: string;
  /** Iterations behind it. */
  readonly iterations: number;
  /** Training images per step; undefined where that is not known. */
  readonly batch: number | undefined;
  readonly seconds: number;
  /** What others get of it. */
  readonly result: 'best' | 'last';
  /** Which checkpoint that is, if it is the best one and the record tells. */
  readonly best: BestCheckpoint | undefined;
  readonly curves: readonly Curve[];
  readonly snapshots: readonly Snapshot[];
  /** ms since 1970, of the first and last records; undefined where the journal is gone. */
  readonly begun: number | undefined;
  readonly ended: number | undefined;
}

/**
 * Reads the history of a stage from its folder in the store.
 * @param images per step
 */
export async function readStageHistory(
  name: string,
  hash: string,
  { type, images }: { readonly type: string; readonly images: number | undefined },
  folder: StageFolder,
): Promise<StageHistory> {
  const records = await readWholeJournal(folder.journal);
  const { iterations, seconds, result, best } = folder.record;
  const steps = records.flatMap((record) => (record.event === 'metric' ? [record.step] : []));
  return {
    name,
    type,
    hash,
    iterations: iterations ?? steps.reduce((most, step) => Math.max(most, step), 0), // by its journal
    batch: images,
    seconds,
    result,
    best: result === 'best' ? best : undefined,
    curves: curvesOf(records),
    snapshots: records
      .flatMap((record) =>
        record.event === 'image'
          ? [{ key: record.key, step: record.step, file: resolve(folder.path, record.file) }]
          : [],
      )
      .filter(({ file }) => isThere(file)),
    begun: records[0]?.time,
    ended: records.at(-1)?.time,
  };
}

function curvesOf(records: readonly JournalRecord[]): Curve[] {
  const curves = new Map<string, [number, number][]>();
  for (const record of records) {
    if (record.event !== 'metric') continue;
    const points = curves.get(record.key) ?? [];
    points.push([record.step, fromJournalNumber(record.value)]);
    curves.set(record.key, points);
  }
  return [...curves].map(([name, points]) => ({ name, points }));
}
