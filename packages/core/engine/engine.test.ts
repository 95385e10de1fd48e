import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { UserError } from '../errors/user-error.ts';
import { TYPESCRIPT } from '../process/typescript.ts';
import { loadEngine, type Engine } from './engine.ts';

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

test('says which device and library it runs on', () => {
  expect(engine.describe()).toMatch(/^CPU \(\d+ cores\) · TensorFlow 2\.21\.0$/);
  expect(tf.getBackend()).toBe('tensorflow');
  expect(loadEngine('cpu')).toBe(engine);
});

test('computes on as many threads as it was loaded with', () => {
  expect(loadEngine('cpu', engine.threads)).toBe(engine);
  expect(() => loadEngine('auto', engine.threads + 1)).toThrow(/computes on \d+ threads? already: \d+ need a process/);
});

test('a GPU that is asked for and missing is an error, never a silent fall back', () => {
  expect(() => loadEngine('gpu')).toThrow(UserError);
  expect(() => loadEngine('gpu')).toThrow(/"gpu" is not available/);
});

test('convolves, differentiates and leaves no tensor behind', () => {
  const before = engine.tensors();
  const gradient = tf.tidy(() => {
    const image = tf.ones([1, 3, 3, 1]) as tf.Tensor4D;
    const filter = tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1]);
    expect(tf.conv2d(image, filter, 1, 'valid').arraySync()).toEqual([
      [
        [[10], [10]],
        [[10], [10]],
      ],
    ]);
    const sum = (f: tf.Tensor) => tf.sum(tf.conv2d(image, f as tf.Tensor4D, 1, 'valid')) as tf.Scalar;
    return tf.grad(sum)(filter).dataSync();
  });
  expect([...gradient]).toEqual([4, 4, 4, 4]);
  expect(engine.tensors()).toBe(before);
});

/** Runs a program in a process of its own, after a shell's command. */
function run(program: string, shell: readonly string[] = []) {
  const command = [...shell, process.execPath, ...TYPESCRIPT, '--input-type=module', '-e', program];
  const { stdout, stderr, status } = spawnSync(command[0]!, command.slice(1), {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  return { stdout, stderr, status };
}

const loaded = (engine: string) => `
  try {
    console.log(${engine}.loadEngine('cpu').device);
  } catch (error) {
    console.log(error.constructor.name, error.message);
  }
`;

test.each(['', "loadEngine('cpu');"])(
  'in a worker thread it is an error (main thread: "%s")',
  (before) => {
    const worker = `
    require(${JSON.stringify(createRequire(import.meta.url).resolve('tsx/cjs/api'))}).register();
    ${loaded(`require(${JSON.stringify(join(import.meta.dirname, 'engine.ts'))})`)}
  `;
    const program = `
    import { Worker } from 'node:worker_threads';
    import { loadEngine } from './engine.ts';
    ${before}
    new Worker(${JSON.stringify(worker)}, { eval: true, execArgv: [] });
  `;
    expect(run(program)).toEqual({
      stdout: expect.stringMatching(/^UserError TensorFlow runs in the main thread of a process only/),
      stderr: '',
      status: 0,
    });
  },
  60_000,
);

// Another /proc/cpuinfo for one process needs a mount namespace, which is not permitted everywhere.
const isPermitted = spawnSync('unshare', ['--mount', 'true']).status === 0;
(isPermitted ? test : test.skip)(
  'a processor without AVX is an error before anything is loaded',
  () => {
    const cpuinfo = join(mkdtempSync(join(tmpdir(), 'cpuinfo-')), 'cpuinfo');
    writeFileSync(cpuinfo, readFileSync('/proc/cpuinfo', 'utf8').replace(/\bavx\w*/g, ''));
    const hidden = ['unshare', '--mount', 'sh', '-c', `mount --bind ${cpuinfo} /proc/cpuinfo && exec "$@"`, 'sh'];
    expect(run(loaded("(await import('./engine.ts'))"), hidden)).toEqual({
      stdout: expect.stringMatching(/^UserError TensorFlow needs a processor with AVX/),
      stderr: '',
      status: 0,
    });
  },
  60_000,
);
