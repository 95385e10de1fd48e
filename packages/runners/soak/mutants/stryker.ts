import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { JEST_CONFIG } from './copy.ts';
import type { Mutant } from './mutant.ts';

/** What Stryker found of a mutant; `NoCoverage` where no test of this process ran the code. */
export type Status = 'Killed' | 'Survived' | 'NoCoverage' | 'Timeout' | 'RuntimeError' | 'CompileError' | 'Ignored';

/** Endless loops are ended by their processor time (`jest-runner.mjs`); this is for what waits without using any. */
const TIMEOUT_MS = 600_000;
/** TensorFlow's tests leave memory behind in the process that runs them. */
const REUSE = 20;

/** What Stryker ends with where no test is related to a mutated file. */
const NO_TESTS = /No tests were executed/;

/**
 * Tries mutants of a copy of the repository, each against those of some tests that import its file and ran its code when nothing was mutated.
 * One process at a time. Where the signal aborts it, none is left when this returns. Errors: these tests fail without a mutant.
 * @param tests their files, as a glob below the repository
 */
export async function tryMutants(
  copy: string,
  mutants: readonly Mutant[],
  tests: string,
  found: (mutant: Mutant, status: Status) => void,
  signal: AbortSignal,
): Promise<void> {
  const files = [...new Set(mutants.map(({ file }) => file))];
  const drawn = files.map((name) => [name, mutants.filter(({ file }) => file === name).map(({ key }) => key)]);
  const config = join(copy, 'stryker.json');
  const temporary = join(copy, 'tmp');
  mkdirSync(temporary, { recursive: true });
  writeFileSync(
    config,
    JSON.stringify({
      testRunner: 'jest',
      testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings'],
      jest: {
        configFile: JEST_CONFIG,
        config: {
          testMatch: [`<rootDir>/${tests}`],
          runner: '<rootDir>/packages/runners/soak/mutants/jest-runner.mjs',
          testEnvironment: './packages/runners/soak/mutants/jest-environment.mjs',
        },
      },
      plugins: ['@stryker-mutator/jest-runner', './packages/runners/soak/mutants/plugin.mjs'],
      ...{ ignorers: ['words'], checkers: ['drawn'], reporters: ['lines'] },
      drawn: Object.fromEntries(drawn) as unknown,
      mutate: mutants.map(({ file, range }) => `${file}:${range}`),
      ...{ inPlace: true, concurrency: 1, coverageAnalysis: 'perTest', maxTestRunnerReuse: REUSE },
      ...{ timeoutMS: TIMEOUT_MS, timeoutFactor: 10, dryRunTimeoutMinutes: 60 },
      ...{ logLevel: 'error', warnings: false, allowConsoleColors: false, disableTypeChecks: false },
    }),
  );
  const program = join(copy, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');
  const child = spawn(process.execPath, [program, 'run', config], {
    ...{ cwd: copy, stdio: ['ignore', 'pipe', 'pipe'], detached: true }, // with a process group of its own
    env: {
      ...process.env,
      TMPDIR: temporary,
      CUDA_VISIBLE_DEVICES: '-1',
    },
  });
  const stop = () => killGroup(child);
  signal.addEventListener('abort', stop);
  const ended = new Promise<number | null>((done) => child.on('error', () => done(null)).on('close', done));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{"file":')) {
      said = `${said}${line}\n`.slice(-4000);
      continue;
    }
    const { file, key, status } = JSON.parse(line) as { file: string; key: string; status: Status };
    const mutant = mutants.find((each) => each.file === file && each.key === key);
    if (mutant !== undefined) found(mutant, status);
  }
  const code = await ended;
  signal.removeEventListener('abort', stop);
  if (NO_TESTS.test(said)) return; // none of these tests imports the files of the mutants
  if (code !== 0 && !signal.aborted) throw new Error(`Stryker ended with ${code}:\n${said}`);
}

/** Ends a process and those that it started, which would write into the copy while it is removed. */
function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, 'SIGKILL');
  } catch {
    // It never began, or it is gone already.
  }
}
