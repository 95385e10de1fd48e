import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { fileBytes, readRange } from '@dualprior/core';

const CHUNK = 2 ** 24;

/** What a run has computed, by what it is: the weights of its stages bit by bit, their curves, the restored images, the table. */
export function computed(run: string): Map<string, string> {
  const stages = join(run, 'stages');
  return new Map([
    ...readdirSync(stages).flatMap((stage) =>
      [...computedBy(join(stages, stage))].map(([what, value]) => [`${stage}/${what}`, value] as const),
    ),
    ...evaluated(run),
  ]);
}

/** The same of the folder of one stage. */
export function computedBy(stage: string): Map<string, string> {
  const weights = readdirSync(stage).filter((file) => file.endsWith('.safetensors'));
  return new Map([
    ...weights.map((file) => [file, weightsDigest(join(stage, file))] as const),
    ['curves', curves(join(stage, 'journal.jsonl'))],
  ]);
}

/** The same of the evaluation of a run. */
export function evaluated(run: string): Map<string, string> {
  const [table, folder] = [join(run, 'results.csv'), join(run, 'evaluation')];
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  const images = files.filter((file) => file.endsWith('.png'));
  return new Map([
    ...images.map((file) => [`evaluation/${file}`, digest(join(folder, file))] as const),
    ...(existsSync(table) ? [['the table', readFileSync(table, 'utf8')] as const] : []),
  ]);
}

/** Names of what is different or in one of them only. */
export function differences(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): string[] {
  return [...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name));
}

/** The digest of the tensors in a weights file, without its metadata, which name the experiment that trained it; of the whole file if it is damaged. */
function weightsDigest(file: string): string {
  try {
    const bytes = fileBytes(file);
    const length = Number(Buffer.from(readRange(bytes, 0, 8)).readBigUInt64LE());
    const header = JSON.parse(Buffer.from(readRange(bytes, 8, 8 + length)).toString()) as Record<string, unknown>;
    const { __metadata__: _, ...tensors } = header;
    return digest(file, 8 + length, JSON.stringify(tensors));
  } catch {
    return digest(file);
  }
}

/** The digest of a file of any size, from a position on, after the text `before`. */
function digest(file: string, from = 0, before = ''): string {
  const hash = createHash('sha256').update(before);
  const buffer = Buffer.alloc(CHUNK);
  const descriptor = openSync(file, 'r');
  try {
    for (let [read, at] = [-1, from]; read !== 0; at += read) {
      read = readSync(descriptor, buffer, 0, CHUNK, at);
      hash.update(buffer.subarray(0, read));
    }
    return hash.digest('hex');
  } finally {
    closeSync(descriptor);
  }
}

function curves(journal: string): string {
  const records = readFileSync(journal, 'utf8').trim().split('\n');
  const points = records
    .map((line) => JSON.parse(line) as { event: string; key?: string; step?: number; value?: number })
    .filter(({ event }) => event === 'metric')
    .map(({ key, step, value }) => [key, step, value]);
  return JSON.stringify(points);
}
