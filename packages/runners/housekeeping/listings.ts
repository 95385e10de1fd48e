import { counted } from '@dualprior/core';
import { aligned } from '../console/aligned.ts';
import { fileSize } from '../console/file-size.ts';
import type { ListedRun } from './listed-run.ts';
import type { StoredStage } from './stored-stage.ts';

/** Stages as a table: what they are, how large, how many runs use them. */
export function stagesText(stages: readonly StoredStage[]): string[] {
  const rows = stages.map(({ hash, names, state, iterations, bytes, written, runs }) => [
    hash,
    shortened(names),
    iterations === null ? state : `${state}, ${counted(iterations, 'iteration')}`,
    fileSize(bytes),
    day(written),
    runs.length === 0 ? 'no run' : counted(runs.length, 'run'),
  ]);
  return aligned([['hash', 'experiment/stage', 'state', 'size', 'written', 'used by'], ...rows], [3]);
}

/** Runs as a table: when, how they ended, and the best value of each column. */
export function runsText(runs: readonly ListedRun[]): string[] {
  const rows = runs.map(({ path, name, seed, state, written, best }) => [
    name,
    seed === null ? '' : String(seed),
    day(written),
    state,
    best.map(({ column, method, value, digits }) => `${column} ${value.toFixed(digits)} (${method})`).join(', '),
    path,
  ]);
  return aligned([['name', 'seed', 'date', 'state', 'best values', 'folder'], ...rows], [1]);
}

function shortened(names: readonly string[]): string {
  const [first = '–', ...others] = names;
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

/** `2026-11-30 16:47`, in local time. */
function day(time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const [month, hours] = [date.getMonth() + 1, date.getHours()].map((value) => two(value));
  return `${date.getFullYear()}-${month}-${two(date.getDate())} ${hours}:${two(date.getMinutes())}`;
}
