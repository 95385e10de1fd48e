import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import TestRunner from 'jest-runner';

/** In the copy of the repository: of each test file, how long it took without a mutant and what its tests are called. */
const KNOWN = 'tests.json';

/**
 * Jest's runner, for mutants: of the test files only those that hold a test that is asked for, the quickest first, and none after the
 * first failure. Stryker names the tests that reach a mutant, but Jest would import all files to look for them, and run all that follow.
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
    const forget = [
      this.on('test-file-success', ([{ path }, { testResults, perfStats, numFailingTests }]) => {
        if (numFailingTests > 0) return watcher.setState({ interrupted: true });
        known[path] ??= { time: perfStats.end - perfStats.start, names: testResults.map(({ fullName }) => fullName) };
        return undefined;
      }),
      this.on('test-file-failure', () => watcher.setState({ interrupted: true })),
    ];
    await super.runTests(chosen, watcher, options);
    forget.forEach((each) => each());
    if (!testNamePattern) writeFileSync(file, JSON.stringify(known));
  }
}
