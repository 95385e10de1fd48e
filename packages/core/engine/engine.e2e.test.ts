import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { TYPESCRIPT } from '../process/typescript.ts';

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
