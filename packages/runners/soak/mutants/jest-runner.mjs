import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import TestRunner from 'jest-runner';

/** In the copy of the repository: of each test file, its processor time in seconds without a mutant and what its tests are called. */
const KNOWN = 'tests.json';

/** A file that needs more than so many times its processor time without a mutant and so many seconds is in an endless loop, however busy the machine. */
const ENDLESS = { times: 5, seconds: 5 };

/** What this process may use in all, in seconds; afterwards Linux ends it with SIGXCPU. */
function limitProcessorTime(seconds) {
  const limit = Number.isFinite(seconds) ? Math.ceil(seconds) : 'unlimited';
  execFileSync('prlimit', [`--pid=${process.pid}`, `--cpu=${limit}:`, '--core=0:']);
}

/** The processor time of this process until now, in seconds. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * Jest's runner, for mutants: of the test files only those that hold a test that is asked for, the quickest first, and none after the
 * first failure. Stryker names the tests that reach a mutant, but Jest would import all files to look for them, and run all that follow.
 * In an endless loop the process ends with SIGXCPU.
 */
export default class MutantRunner extends TestRunner {
  async runTests(tests, watcher, options) {
    const { rootDir, testNamePattern } = this._globalConfig;
    const file = join(rootDir, KNOWN);
    const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    const wanted = new RegExp(testNamePattern ?? '', 'i');
    const chosen = tests
      .filter(({ path }) => known[path]?.names.some((name) => wanted.test(name)) ?? true)
      .sort((a, b) => (known[a.path]?.time ?? 0) - (known[b.path]?.time ?? 0));
    let before = processorTime();
    const forget = [
      this.on('test-file-start', ([{ path }]) => {
        before = processorTime();
        limitProcessorTime(before + ENDLESS.times * (known[path]?.time ?? Infinity) + ENDLESS.seconds);
      }),
      this.on('test-file-success', ([{ path }, { testResults, numFailingTests }]) => {
        if (numFailingTests > 0) return watcher.setState({ interrupted: true });
        known[path] ??= { time: processorTime() - before, names: testResults.map(({ fullName }) => fullName) };
        return undefined;
      }),
      this.on('test-file-failure', () => watcher.setState({ interrupted: true })),
    ];
    await super.runTests(chosen, watcher, options);
    forget.forEach((each) => each());
    if (!testNamePattern) writeFileSync(file, JSON.stringify(known));
  }
}
