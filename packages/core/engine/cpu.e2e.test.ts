import { spawnSync } from 'node:child_process';
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { expect, test } from '@jest/globals';
import { TYPESCRIPT } from '../process/typescript.ts';
import { prepareCpu } from './cpu.mjs';

const limitOf = (memory: number, env: NodeJS.ProcessEnv = {}) => {
  prepareCpu(env, memory);
  return env['TF_CPU_BFC_MEM_LIMIT_IN_MB'];
};

test("the allocator's limit is the machine's memory, or less than that of a container", () => {
  expect(limitOf(totalmem())).toBe(String(Math.floor(totalmem() / 2 ** 20)));
  expect(limitOf(4 * 2 ** 30)).toBe('3584');
  expect(limitOf(2 ** 29)).toBe('256');
  expect(limitOf(2 ** 30, { TF_CPU_BFC_MEM_LIMIT_IN_MB: '77' })).toBe('77');
});

const CGROUP = `/sys/fs/cgroup/memory/dualprior-${process.pid}`;

/** A group of processes that may take 1.5 GB; false where this user may not make one (version 1 of control groups, as root). */
function limited(): boolean {
  try {
    mkdirSync(CGROUP);
    writeFileSync(`${CGROUP}/memory.limit_in_bytes`, String(1.5e9));
    return true;
  } catch {
    return false;
  }
}

const HUNGRY = `
  import * as tf from '@tensorflow/tfjs-core';
  import { loadEngine } from '@dualprior/core';
  loadEngine('cpu');
  const kept = [];
  try {
    for (let i = 0; i < 40; i++) kept.push(tf.add(tf.fill([100e6 / 4], 1), 1));
  } catch (error) {
    console.log(error.message.slice(0, 200));
  }
`;

const possible = limited();
(possible ? test : test.skip)(
  'a step that needs more than the container has fails, and is not killed',
  () => {
    try {
      const enter = `echo $$ > ${CGROUP}/cgroup.procs; exec "$@"`;
      const { TF_CPU_BFC_MEM_LIMIT_IN_MB: _, ...env } = process.env;
      const { stdout, signal, status } = spawnSync(
        'sh',
        ['-c', enter, 'sh', process.execPath, ...TYPESCRIPT, '--input-type=module', '-e', HUNGRY],
        { cwd: import.meta.dirname, encoding: 'utf8', env },
      );
      expect({ signal, status, stdout }).toEqual({
        signal: null,
        status: 0,
        stdout: expect.stringMatching(/OOM|memory/i),
      });
    } finally {
      rmdirSync(CGROUP);
    }
  },
  60_000,
);
