import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { TYPESCRIPT } from '../process/typescript.ts';
import { cacheFolder } from './cache.mjs';
import { engineFolder } from './location.mjs';
import { quietly, withoutChatter } from './quietly.ts';

test("TensorFlow's chatter goes, warnings and errors stay", () => {
  const log = [
    'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR',
    'I0000 00:00:1795448487.971747   10151 port.cc:153] oneDNN custom operations are on.',
    'To enable the following instructions: AVX2, in other operations, rebuild TensorFlow.',
    'W0000 00:00:1795448487.971747   10151 gpu.cc:1] Could not find cuda drivers.',
    'terminate called',
    '',
  ];
  expect(withoutChatter(log.join('\n'))).toBe(`${log[3]}\nterminate called\n`);
});

test('from its loading on TensorFlow tells warnings only, and other processes are left alone', () => {
  const standardError = { hold: () => {}, release: () => '' };
  const level = () => process.env['TF_CPP_MIN_LOG_LEVEL'];
  expect(level()).toBeUndefined();
  expect(quietly(standardError, level)).toBe('1');
  expect(level()).toBeUndefined();
});

/** Ends in the given way while it loads, after it wrote a warning and chatter. */
function load(end: string) {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const program = `
    import { createRequire } from 'node:module';
    import { writeSync } from 'node:fs';
    import { quietly } from './quietly.ts';
    const standardError = createRequire(import.meta.url)(${JSON.stringify(join(engineFolder(root, cacheFolder()), 'standard_error.node'))});
    quietly(standardError, () => {
      writeSync(2, 'I0000 chatter\\nF0000 a fatal error\\n');
      ${end};
    });
    writeSync(2, 'after');
  `;
  const { TF_CPP_MIN_LOG_LEVEL: _, ...env } = process.env;
  const { stderr, signal, status } = spawnSync(
    process.execPath,
    [...TYPESCRIPT, '--input-type=module', '-e', program],
    { cwd: import.meta.dirname, encoding: 'utf8', env },
  );
  return { stderr, signal, status };
}

test.each(['SIGABRT', 'SIGILL', 'SIGSEGV'] as const)('what a library says before it ends with %s is shown', (name) => {
  const { stderr, signal } = load(`process.kill(process.pid, '${name}')`);
  expect(stderr).toContain('F0000 a fatal error');
  expect(signal).toBe(name);
});

test('what it says before it exits is shown as well, and chatter is not where it continues', () => {
  expect(load('process.exit(3)')).toEqual({ stderr: 'I0000 chatter\nF0000 a fatal error\n', signal: null, status: 3 });
  expect(load('')).toEqual({ stderr: 'F0000 a fatal error\nafter', signal: null, status: 0 });
});
