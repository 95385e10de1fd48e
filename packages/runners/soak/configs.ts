import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { experimentsFolder } from '../store/places.ts';
import { mutate } from './configs/mutate.ts';
import { Judge } from './files/judge.ts';
import { tryFiles } from './files/try-files.ts';
import type { Soak } from './soak.ts';

const CHILD = join(import.meta.dirname, 'configs', 'child.ts');

/** Mutated experiments: each is valid, or gets errors for users, without delay or much memory. */
export const configs: Soak = {
  name: 'configs',
  description: 'mutated experiment files: each is valid, or gives a readable error',
  count: 5000,
  async run({ random, folder, ...options }) {
    const place = join(folder, 'experiments'); // beside the files that a mutated one may extend
    mkdirSync(place, { recursive: true });
    cpSync(experimentsFolder(), place, { recursive: true });
    const files = readdirSync(experimentsFolder()).filter((name) => name.endsWith('.yaml'));
    const make = (i: number) => {
      const stream = random.stream('configs', i);
      const name = files[stream.integer(files.length)]!;
      return { name, content: mutate(readFileSync(join(experimentsFolder(), name), 'utf8'), stream) };
    };
    const result = await tryFiles(make, new Judge(CHILD, { memory: 1.5e9, processor: 3 }), {
      ...options,
      folder: place,
    });
    if (result.failures.length === 0) rmSync(place, { recursive: true });
    return result;
  },
};
