import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { programOf } from '@dualprior/core';

const GIBIBYTE = 2 ** 30;
const STAGES = ['nafnet', 'prior', 'invert', 'fuse'];

const measurable = existsSync('/proc/self/status') ? test : test.skip;

measurable(
  'all stages of ours-64 together stay below 2 GiB, from their first step with all regularisers to their validation',
  () => {
    const child = join(import.meta.dirname, 'testing', 'peak-memory-child.ts');
    const drawn = '{type: avatars, size: 64, limit: 24, seed: 1';
    const set = [
      `data.train=${drawn}, holdOut: 8, degradation: blur}`,
      `data.faces=${drawn}}`,
      ...STAGES.map((name) => `stages.${name}.iterations=3`),
    ];
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [...programOf(child), 'ours-64.yaml', STAGES.join(), ...set],
      { encoding: 'utf8', env: { ...process.env, CUDA_VISIBLE_DEVICES: '-1' } },
    );
    if (status !== 0) throw new Error(stderr);
    const peaks = stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { name: string; peak: number });
    expect(peaks.map(({ name }) => name)).toEqual(STAGES);
    for (const { name, peak } of peaks) {
      expect({ name, enough: peak > GIBIBYTE / 10 }).toEqual({ name, enough: true });
      expect({ name, most: peak < 2 * GIBIBYTE || peak }).toEqual({ name, most: true });
    }
  },
  120_000,
);
