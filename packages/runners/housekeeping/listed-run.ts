import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readWholeJournal, UserError, type RunStatus } from '@dualprior/core';
import { bestRows, INPUT, type Results } from '../evaluation/results.ts';
import { readMeasurements } from '../report/record/measurements.ts';
import { RegisteredRuns } from '../store/registered-runs.ts';
import { readConfig } from '../store/run-directory.ts';
import { runFolders } from './run-folders.ts';
import { isLocked } from './stored-stage.ts';

/** `interrupted`: it was stopped or killed, and the same command continues. */
type RunState = 'finished' | 'running' | 'failed' | 'interrupted' | 'damaged';

/** The best value of a column among the methods of a run. */
interface BestValue {
  readonly column: string;
  readonly method: string;
  readonly value: number;
  readonly digits: number;
}

export interface ListedRun {
  readonly path: string;
  readonly name: string;
  readonly seed: number | null;
  readonly state: RunState;
  /** When it last started or ended, in ms since 1970; where it does not say, when its folder changed. */
  readonly written: number;
  readonly best: readonly BestValue[];
}

/** Runs in folders and those that have registered with a store, those that started or ended last first. */
export async function listRuns(folders: readonly string[], store?: string): Promise<ListedRun[]> {
  const registered = store === undefined ? [] : new RegisteredRuns(store).all().map(({ path }) => path);
  const found = [...folders.flatMap((folder) => runFolders(folder)), ...registered.filter((path) => existsSync(path))];
  const runs = await Promise.all([...new Set(found)].map(describeRun));
  return runs.sort((a, b) => b.written - a.written);
}

async function describeRun(path: string): Promise<ListedRun> {
  try {
    const { name, seed } = readConfig(join(path, 'experiment.yaml'));
    const { state, written } = await lastSeen(path);
    const shown = {
      name: typeof name === 'string' ? name : basename(path),
      seed: typeof seed === 'number' ? seed : null,
    };
    return { path, written, ...shown, state, best: existsSync(join(path, 'results.json')) ? bestOf(path) : [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const written = statSync(path).mtimeMs;
    return { path, written, name: basename(path), seed: null, state: 'damaged', best: [] };
  }
}

const STATES: Readonly<Record<RunStatus, RunState>> = {
  FINISHED: 'finished',
  FAILED: 'failed',
  KILLED: 'interrupted',
};

/** By its lock and the last start or end in its journal. Not by its files: the end of a sweep writes into all its runs. */
async function lastSeen(path: string): Promise<Pick<ListedRun, 'state' | 'written'>> {
  const isRunning = isLocked(path); // looked at first: a run that ends meanwhile has written its end
  const records = await readWholeJournal(join(path, 'journal.jsonl'));
  const last = records.findLast(({ run, event }) => run.length === 0 && (event === 'start' || event === 'end'));
  const written = last?.time ?? statSync(path).mtimeMs;
  if (isRunning) return { state: 'running', written };
  return { state: last?.event === 'end' ? STATES[last.status] : 'interrupted', written };
}

/** The best values, also where the input has better ones. */
function bestOf(path: string): BestValue[] {
  const { rows, ...others } = readMeasurements(path);
  const results: Results = { ...others, rows: rows.filter(({ method }) => method !== INPUT) };
  return bestRows(results).flatMap((row, c) => {
    if (row === undefined) return [];
    const { name: column, digits } = results.columns[c]!;
    const { method, values } = results.rows[row]!;
    return [{ column, method, value: values[c]!, digits }];
  });
}
