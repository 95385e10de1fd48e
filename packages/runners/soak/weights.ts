import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Judge } from './files/judge.ts';
import { tryFiles } from './files/try-files.ts';
import type { Soak } from './soak.ts';
import { bases } from './weights/bases.ts';
import { crafted } from './weights/craft.ts';
import { damaged } from './weights/damage.ts';

const CHILD = join(import.meta.dirname, 'weights', 'child.ts');
/** To say which network a file comes near to takes 1 s; the limit is meant for files that would be read forever. */
const LIMITS = { memory: 500e6, processor: 4 };
/** Megabytes of JavaScript objects, so that garbage is collected before it counts as memory. */
const HEAP = '--max-old-space-size=256';

/** Damaged and crafted weights files: each gives tensors or an error for users, within bounds of time and memory. */
export const weights: Soak = {
  name: 'weights',
  description: 'damaged and crafted weights files: each is read, or gives a readable error',
  count: 10_000,
  async run({ random, folder, ...options }) {
    const place = join(folder, 'files');
    mkdirSync(place, { recursive: true });
    const kinds = bases(place);
    const make = (i: number) => {
      const stream = random.stream('weights', i);
      if (stream.integer(4) === 0) return crafted(stream);
      const files = kinds[stream.integer(kinds.length)]!;
      const { name, content } = files[stream.integer(files.length)]!;
      return { name, content: damaged(content, stream) };
    };
    const result = await tryFiles(make, new Judge(CHILD, LIMITS, [HEAP]), { ...options, folder: place });
    rmSync(join(place, 'network.safetensors'));
    if (result.failures.length === 0) rmSync(place, { recursive: true });
    return result;
  },
};
