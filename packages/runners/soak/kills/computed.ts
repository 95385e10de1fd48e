import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a run has computed, by what it is: the weights of its stages bit by bit, their curves, the table. */
export function computed(run: string): Map<string, string> {
  const stages = join(run, 'stages');
  const ofStages = readdirSync(stages).flatMap((stage) => {
    const weights = readdirSync(join(stages, stage)).filter((file) => file.endsWith('.safetensors'));
    return [
      ...weights.map((file) => [`${stage}/${file}`, digest(join(stages, stage, file))] as const),
      [`the curves of ${stage}`, curves(join(stages, stage, 'journal.jsonl'))] as const,
    ];
  });
  const table = join(run, 'results.csv');
  return new Map([...ofStages, ...(existsSync(table) ? [['the table', readFileSync(table, 'utf8')] as const] : [])]);
}

/** Names of what is different or in one of them only. */
export function differences(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): string[] {
  return [...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name));
}

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function curves(journal: string): string {
  const records = readFileSync(journal, 'utf8').trim().split('\n');
  const points = records
    .map((line) => JSON.parse(line) as { event: string; key?: string; step?: number; value?: number })
    .filter(({ event }) => event === 'metric')
    .map(({ key, step, value }) => [key, step, value]);
  return JSON.stringify(points);
}
