import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { TYPESCRIPT } from '../process/typescript.ts';

const PROGRAM = `
  import * as tf from '@tensorflow/tfjs-core';
  import { loadEngine, repeated } from '@dualprior/core';
  const step = loadEngine('cpu').compile((x) => repeated([], 'block', x, (y) => tf.square(y)), { xla: true });
  console.log(step.run(tf.tensor1d([3])).dataSync()[0]);
`;

test('XLA takes what it compiled from its cache at the next start, and says nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'xla-'));
  const start = () => {
    const { TF_CPP_MIN_LOG_LEVEL: _, ...env } = process.env;
    const { stdout, stderr } = spawnSync(process.execPath, [...TYPESCRIPT, '--input-type=module', '-e', PROGRAM], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      env: { ...env, TF_XLA_FLAGS: `--tf_xla_persistent_cache_directory=${folder}` },
    });
    return { stdout, stderr, kept: readdirSync(folder) };
  };
  const first = start();
  expect(first).toEqual({ stdout: '9\n', stderr: '', kept: [expect.stringContaining('XLA_CPU_JIT')] });
  expect(start()).toEqual(first);
});
