import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { installMlflow, MLFLOW_VERSION } from './mlflow.mjs';
import { installTensorboard, TENSORBOARD_VERSION } from './tensorboard.mjs';

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

describe.each([
  { name: 'MLflow', folder: 'mlflow', version: MLFLOW_VERSION, least: 80, install: installMlflow },
  { name: 'TensorBoard', folder: 'tensorboard', version: TENSORBOARD_VERSION, least: 13, install: installTensorboard },
])('$name', ({ name, folder: own, version, least, install }) => {
  test('a package with another hash is an error, and nothing else is installed in its place', async () => {
    const calls = failingPython();
    const cache = join(folder, 'cache');
    const installing = install({ cache });
    await expect(installing).rejects.toThrow(`could not install ${name} ${version}`);
    await expect(installing).rejects.toThrow(/Python 3\.10 to 3\.14[^]*DO NOT MATCH THE HASHES/);
    expect(readFileSync(calls, 'utf8').trim().split('\n')).toEqual([
      expect.stringMatching(
        new RegExp(`pip install .*--require-hashes --only-binary=:all: --requirement .*${own}-requirements\\.txt$`),
      ),
    ]);
    expect(existsSync(join(cache, own, version))).toBe(false);
  });

  test('every package is pinned, with hashes', () => {
    const text = readFileSync(join(import.meta.dirname, `${own}-requirements.txt`), 'utf8');
    const entries = text
      .replace(/^#.*\n/gm, '')
      .replaceAll(' \\\n', ' ')
      .trim()
      .split('\n');
    expect(entries.length).toBeGreaterThan(least);
    for (const entry of entries) {
      expect(entry).toMatch(/^[a-z0-9-]+==[\w.]+( ; python_version (<|>=) "3\.11")?( +--hash=sha256:[0-9a-f]{64})+$/);
    }
    expect(text).toContain(`${own}==${version} `);
  });
});
