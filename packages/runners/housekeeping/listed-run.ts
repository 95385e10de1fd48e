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
  /** When it was last written, in ms since 1970. */
  readonly written: number;
  readonly best: readonly BestValue[];
}

/** Runs in folders and those that have registered with a store, the latest first. */
export async function listRuns(folders: readonly string[], store?: string): Promise<ListedRun[]> {
  const registered = store === undefined ? [] : new RegisteredRuns(store).all().map(({ path }) => path);
  const found = [...folders.flatMap((folder) => runFolders(folder)), ...registered.filter((path) => existsSync(path))];
  const runs = await Promise.all([...new Set(found)].map(describeRun));
  return runs.sort((a, b) => b.written - a.written);
}

async function describeRun(path: string): Promise<ListedRun> {
  const about = { path, written: statSync(path).mtimeMs };
  try {
    const { name, seed } = readConfig(join(path, 'experiment.yaml'));
    const state = await stateOf(path);
    const shown = {
      name: typeof name === 'string' ? name : basename(path),
      seed: typeof seed === 'number' ? seed : null,
    };
    return { ...about, ...shown, state, best: existsSync(join(path, 'results.json')) ? bestOf(path) : [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...about, name: basename(path), seed: null, state: 'damaged', best: [] };
  }
}

const STATES: Readonly<Record<RunStatus, RunState>> = {
  FINISHED: 'finished',
  FAILED: 'failed',
  KILLED: 'interrupted',
};

/** By its lock, then by the last start or end in its journal. */
async function stateOf(path: string): Promise<RunState> {
  if (isLocked(path)) return 'running';
  const records = await readWholeJournal(join(path, 'journal.jsonl'));
  const last = records.findLast(({ run, event }) => run.length === 0 && (event === 'start' || event === 'end'));
  return last?.event === 'end' ? STATES[last.status] : 'interrupted';
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
