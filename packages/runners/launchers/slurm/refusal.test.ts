import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { checkCluster } from './refusal.ts';

/** A cluster with GPUs, as `sinfo` shows one: a line each kind of node of a partition. */
const SINFO = [
  'cpu*|2-00:00:00|64|(null)',
  'gpu|12:00:00|32|gpu:v100:2(S:0-1)',
  'gpu|12:00:00|96|gpu:a100:4(S:0-1),shard:8',
  'long|infinite|16|gpu:2',
].join('\n');

const path = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = path;
});

function cluster(): void {
  const bin = mkdtempSync(join(tmpdir(), 'bin-'));
  writeFileSync(join(bin, 'sbatch'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(bin, 'sinfo'), `#!/bin/sh\ncat <<'END'\n${SINFO}\nEND\n`, { mode: 0o755 });
  process.env['PATH'] = `${bin}:${path}`;
}

test.each([
  [{ partition: 'gpu', gpus: 8 }, 'launcher.gpus is 8, but nodes of the partition "gpu" have at most 4 GPUs.'],
  [{ gpus: 1 }, 'launcher.gpus is 1, but nodes of the partition "cpu" have none.'],
  [
    { partition: 'gpu', time: 721 },
    'launcher.time is 721, but jobs of the partition "gpu" may run for 12:00:00 at most.',
  ],
  [{ partition: 'long', cpus: 17 }, 'launcher.cpus is 17, but nodes of the partition "long" have at most 16 cores.'],
  [{ partition: 'gup' }, 'the cluster has no partition "gup" (did you mean "gpu"?). It has cpu, gpu, long.'],
])('%j is refused', async (options, problem) => {
  cluster();
  await expect(checkCluster(options)).rejects.toThrow(problem);
});

test.each([{ partition: 'gpu', gpus: 'a100:4' }, { partition: 'gpu,long', time: '30-00' }, { cpus: 64 }])(
  '%j is not',
  async (options) => {
    cluster();
    await expect(checkCluster(options)).resolves.toBeUndefined();
  },
);
