import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { loadExperiment, UserError, type Log } from '@dualprior/core';
import { checkComponents } from '../experiment/preflight.ts';
import { experimentsFolder } from '../experiment/places.ts';
import { mutate } from './configs/mutate.ts';
import type { Soak, SoakFailure } from './soak.ts';

/** Processor time, in ms, in which any file must be accepted or refused. */
const SLOW = 3000;

const SILENT: Log = { info: () => {}, warn: () => {} };

/** Mutated experiments: each is valid, or gets errors for users, without delay. */
export const configs: Soak = {
  name: 'configs',
  description: 'mutated experiment files: each is valid, or an error that users can read',
  count: 5000,
  async run({ count, random, folder, progress, signal }) {
    const place = join(folder, 'experiments'); // beside the files that a mutated one may extend
    mkdirSync(place, { recursive: true });
    cpSync(experimentsFolder(), place, { recursive: true });
    const files = readdirSync(place).filter((name) => name.endsWith('.yaml'));
    const tried = join(place, 'tried.yaml');
    const counts = { valid: 0, refused: 0 };
    const failures: SoakFailure[] = [];
    for (let i = 0; i < count && !signal.aborted; i++) {
      const stream = random.stream('configs', i);
      const name = files[stream.integer(files.length)]!;
      writeFileSync(tried, mutate(readFileSync(join(experimentsFolder(), name), 'utf8'), stream));
      const outcome = withinTime(() => answer(tried));
      if (outcome === 'valid' || outcome === 'refused') counts[outcome]++;
      else {
        const reproduction = join(place, `failure-${i}-${name}`);
        renameSync(tried, reproduction);
        failures.push({ message: outcome, reproduction });
      }
      progress(i + 1);
      await setImmediate();
    }
    rmSync(failures.length > 0 ? tried : place, { recursive: true, force: true });
    return { counts, failures };
  },
};

function withinTime(work: () => string): string {
  const before = process.cpuUsage();
  const outcome = work();
  const { user, system } = process.cpuUsage(before);
  const spent = Math.round((user + system) / 1000);
  return spent > SLOW ? `took ${spent} ms of processor time` : outcome;
}

function answer(file: string): string {
  try {
    checkComponents(loadExperiment(file), SILENT);
    return 'valid';
  } catch (error) {
    if (!(error instanceof UserError)) return `no error for users: ${(error as Error).stack ?? String(error)}`;
    return error.problems.every(({ message }) => message.trim() !== '') ? 'refused' : 'an error without words';
  }
}
