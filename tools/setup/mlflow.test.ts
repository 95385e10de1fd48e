import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { installMlflow, MLFLOW_VERSION } from './mlflow.mjs';

const path = process.env['PATH'];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'setup-'));
});

afterEach(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true, force: true });
});

/** A Python whose environments are made of itself, and whose pip writes down how it is called and fails. */
function failingPython(): string {
  const calls = join(folder, 'calls');
  const python = join(folder, 'python3');
  writeFileSync(
    python,
    `#!/bin/sh
if [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; exit; fi
if [ "$2" = pip ]; then echo "$*" >> ${calls}; echo 'THESE PACKAGES DO NOT MATCH THE HASHES' >&2; exit 1; fi
`,
  );
  chmodSync(python, 0o755);
  process.env['PATH'] = `${folder}:/usr/bin:/bin`;
  return calls;
}

test('a package with another hash is an error, and nothing else is installed in its place', async () => {
  const calls = failingPython();
  const cache = join(folder, 'cache');
  await expect(installMlflow({ cache })).rejects.toThrow(
    /could not install MLflow .*Python 3\.10 to 3\.14[^]*DO NOT MATCH THE HASHES/,
  );
  expect(readFileSync(calls, 'utf8').trim().split('\n')).toEqual([
    expect.stringMatching(
      /pip install .*--require-hashes --only-binary=:all: --requirement .*mlflow-requirements\.txt$/,
    ),
  ]);
  expect(existsSync(join(cache, 'mlflow', MLFLOW_VERSION))).toBe(false);
});

test('every package is pinned, with hashes', () => {
  const text = readFileSync(join(import.meta.dirname, 'mlflow-requirements.txt'), 'utf8');
  const entries = text
    .replace(/^#.*\n/gm, '')
    .replaceAll(' \\\n', ' ')
    .trim()
    .split('\n');
  expect(entries.length).toBeGreaterThan(80);
  for (const entry of entries) {
    expect(entry).toMatch(/^[a-z0-9-]+==[\w.]+( ; python_version (<|>=) "3\.11")?( +--hash=sha256:[0-9a-f]{64})+$/);
  }
  expect(text).toContain(`mlflow==${MLFLOW_VERSION} `);
});
