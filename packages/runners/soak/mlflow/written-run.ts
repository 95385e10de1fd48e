import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Journal } from '@dualprior/core';

export const STAGES = ['a', 'b', 'c', 'd'];
/** Files of a run. */
export const FILES = 12;
/** Points that are written at once. */
const CHUNK = 250;

/** Points of each stage, together so many. A point's value is its step. */
export function pointsOf(count: number): ReadonlyMap<string, number> {
  return new Map(STAGES.map((stage, i) => [stage, Math.floor((count + i) / STAGES.length)]));
}

/** The file of a stage's journal. */
export const journalOf = (folder: string, stage: string) => join(folder, 'stages', stage, 'journal.jsonl');

/** A run directory that holds nothing yet. */
export function newRun(folder: string): Journal {
  for (const stage of STAGES) mkdirSync(join(folder, 'stages', stage), { recursive: true });
  writeFileSync(join(folder, 'experiment.yaml'), 'name: soak\ntracking: {type: mlflow, experiment: soak}\n');
  const journal = Journal.open(join(folder, 'journal.jsonl'));
  journal.start('soak');
  return journal;
}

/** Writes files and points as a run does that trains all stages at once. */
export async function writeRun(folder: string, journal: Journal, points: ReadonlyMap<string, number>): Promise<void> {
  for (let i = 0; i < FILES; i++) {
    const file = join(folder, `file-${i}.txt`);
    writeFileSync(file, `${i}\n`.repeat(100));
    journal.artifact(`file-${i}.txt`, file);
  }
  const stages = [...points].map(([stage, count]) => ({
    journal: Journal.open(journalOf(folder, stage), { position: 0 }),
    count,
  }));
  stages.forEach(({ journal: own }, i) => own.start(STAGES[i]!));
  for (let from = 1; from <= Math.max(...points.values()); from += CHUNK) {
    for (const { journal: own, count } of stages) {
      for (let step = from; step < Math.min(from + CHUNK, count + 1); step++) own.metric('loss', step, step);
    }
    await sleep(10);
  }
  for (const { journal: own } of stages) {
    own.end('FINISHED');
    own.close();
  }
  journal.end('FINISHED');
  journal.close();
}
