import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { UserError, cacheFolder } from '@dualprior/core';
import { buildEngine, compile } from '../../../tools/setup/engine.mjs';
import { ROOT } from '../../../tools/setup/places.mjs';
import type { Soak, SoakFailure } from './soak.ts';

/**
 * Beside the usual flags. `vptr` needs type information that TensorFlow's libraries do not export; with the checks of null pointers g++ does not
 * compile their headers, and the system makes them anyway.
 */
const FLAGS = [
  ...['-fsanitize=address,undefined', '-fno-sanitize=vptr,null,nonnull-attribute,returns-nonnull-attribute'],
  ...['-fno-omit-frame-pointer', '-g1', '-U_FORTIFY_SOURCE', '-Werror'],
];

/** The tests that run our own C++. */
const TESTS = [
  ...['own-operations', 'native-kernels', 'quietly', 'compile/compile', 'compile/nested-functions'].map(
    (name) => `packages/core/engine/${name}.test.ts`,
  ),
  ...['adam', 'fused-leaky-relu', 'modulate', 'pixel-ops', 'upfirdn2d'].map(
    (name) => `packages/core/nn/ops/${name}.test.ts`,
  ),
  'packages/blocks/degradations/pixels/native-convolution.test.ts',
];

/** An allocation that fails is an error to the sanitizer, where `new` would throw. */
const BUT = '^(?!memory that runs out)';

/** Node handles SIGSEGV for WebAssembly. Node and TensorFlow keep what they made to the end, so leaks say nothing. */
const ADDRESS = 'detect_leaks=0:handle_segv=0:quarantine_size_mb=16';
const UNDEFINED = 'print_stacktrace=1';

/** The tests of the engine's operations with our C++ compiled under sanitizers: they pass, and no fault is reported. */
export const native: Soak = {
  name: 'native',
  description: "the tests of the engine's C++ under the address and undefined-behaviour sanitizers",
  count: 1,
  async run({ count, folder, progress, log, signal }) {
    const cache = join(cacheFolder(), 'sanitized');
    const build = (root: string, building: string, say: (line: string) => void) =>
      compile(root, building, say, { cache: cacheFolder(), kind: 'cpu', flags: FLAGS });
    try {
      await buildEngine(ROOT, cache, (line) => log.info(line), build);
    } catch (error) {
      throw new UserError(`The C++ does not compile under sanitizers: ${(error as Error).message}`);
    }
    const report = resolve(folder, 'tests.json');
    const faults = resolve(folder, 'fault');
    const env = {
      ...process.env,
      NODE_OPTIONS: '--experimental-vm-modules --no-warnings',
      CUDA_VISIBLE_DEVICES: '-1',
      DUALPRIOR_CACHE: cache,
      LD_PRELOAD: sanitizer(),
      ASAN_OPTIONS: `${ADDRESS}:log_path=${faults}`,
      UBSAN_OPTIONS: `${UNDEFINED}:log_path=${faults}`,
    };
    let passed = 0;
    const failures: SoakFailure[] = [];
    for (let i = 0; i < count && !signal.aborted; i++) {
      rmSync(report, { force: true });
      await jest(
        ['--runInBand', '--json', `--outputFile=${report}`, `--testNamePattern=${BUT}`, ...TESTS],
        env,
        signal,
      );
      if (signal.aborted) break;
      const results = testResults(report);
      passed += results.passed;
      failures.push(...results.failed.map((message) => ({ message, reproduction: report })));
      progress(i + 1);
    }
    for (const name of readdirSync(folder).filter((each) => each.startsWith('fault'))) {
      const file = join(folder, name);
      failures.push({ message: firstFault(readFileSync(file, 'utf8')), reproduction: file });
    }
    if (failures.length === 0) rmSync(folder, { recursive: true });
    return { counts: { passed }, failures };
  },
};

/** The library of the address sanitizer, which must be loaded before all others. Errors: the compiler has none. */
function sanitizer(): string {
  const file = execFileSync('g++', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
  if (isAbsolute(file)) return realpathSync(file);
  throw new UserError('g++ has no address sanitizer. Install libasan of its version (Fedora: dnf install libasan).');
}

function jest(parameters: readonly string[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const program = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  return new Promise((done) => {
    const child = spawn(process.execPath, [program, ...parameters], { cwd: ROOT, env, stdio: 'ignore', signal });
    child.on('error', () => done()).on('close', () => done());
  });
}

interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

function testResults(report: string): { passed: number; failed: string[] } {
  if (!existsSync(report)) return { passed: 0, failed: ['the tests ended without a report'] };
  const { testResults: files } = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
  const all = files.flatMap(({ name, message, assertionResults }) =>
    assertionResults.length > 0 ? assertionResults : [{ fullName: `${name}: ${message}`, status: 'failed' }],
  );
  return {
    passed: all.filter(({ status }) => status === 'passed').length,
    failed: all.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  };
}

/** The line of a sanitizer's report that says what happened. */
function firstFault(report: string): string {
  return report.split('\n').find((line) => /ERROR: |runtime error: /.test(line)) ?? report.slice(0, 200);
}
