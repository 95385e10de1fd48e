import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from './setup/places.mjs';

const DEPCRUISE = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');

/** What the rules say of a tree of files, given by their paths below `packages` and what they import. */
function violations(files: Readonly<Record<string, readonly string[]>>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'dualprior-architecture-'));
  for (const file of ['architecture.config.mjs', 'tsconfig.json']) copyFileSync(join(ROOT, file), join(root, file));
  for (const [path, imports] of Object.entries(files)) {
    const file = join(root, 'packages', path);
    mkdirSync(dirname(file), { recursive: true });
    const lines = imports.map((name, i) => `import type { T as T${i} } from '${name}';\n`);
    writeFileSync(file, `${lines.join('')}export type T = ${['1', ...imports.map((_, i) => `T${i}`)].join(' | ')};\n`);
  }
  const parameters = ['--config', 'architecture.config.mjs', '--output-type', 'json', 'packages'];
  const { stdout } = spawnSync(process.execPath, [DEPCRUISE, ...parameters], { cwd: root, encoding: 'utf8' });
  const { summary } = JSON.parse(stdout) as { summary: { violations: { rule: { name: string }; from: string }[] } };
  return summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`).sort();
}

test('imports that go down are allowed, between packages too', () => {
  const found = violations({
    'runners/cli/a.ts': ['../stages/b.ts', './helpers/c.ts'],
    'runners/cli/helpers/c.ts': ['../../store/d.ts'],
    'runners/stages/b.ts': ['../store/d.ts'],
    'runners/store/d.ts': [],
  });
  expect(found).toEqual([]);
});

test('an import from above is refused between packages and between rooms; types count', () => {
  const found = violations({
    'runners/report/a.ts': [],
    'runners/store/b.ts': ['../report/a.ts'],
    'blocks/losses/c.ts': [],
    'core/nn/d.ts': ['../../blocks/losses/c.ts'],
  });
  expect(found).toEqual([
    'through-the-door: packages/core/nn/d.ts',
    'up-from-core: packages/core/nn/d.ts',
    'up-from-runners/store: packages/runners/store/b.ts',
  ]);
});

test('an import from a room on the same line is refused', () => {
  const found = violations({ 'runners/stages/a.ts': ['../methods/b.ts'], 'runners/methods/b.ts': [] });
  expect(found).toEqual(['up-from-runners/stages: packages/runners/stages/a.ts']);
});

test('a cycle is refused, within a room too', () => {
  const found = violations({
    'core/nn/a.ts': ['./b.ts'],
    'core/nn/b.ts': ['./c.ts'],
    'core/nn/c.ts': ['./a.ts'],
  });
  expect(found).toContain('no-cycle: packages/core/nn/a.ts');
});

test('packages that are not declared, new rooms and the catalogue outside of programs are refused', () => {
  const found = violations({
    'runners/store/a.ts': ['left-pad', '../index.ts'],
    'runners/attic/b.ts': ['../store/c.ts'],
    'runners/store/c.ts': [],
    'runners/index.ts': [],
  });
  expect(found).toEqual([
    'catalogue-in-programs-only: packages/runners/store/a.ts',
    'declared: packages/runners/store/a.ts',
    'resolved: packages/runners/store/a.ts',
    'unknown-room-of-runners: packages/runners/attic/b.ts',
  ]);
});

test('what runs in browsers reaches neither Node, nor native packages, nor the main door; types count', () => {
  const found = violations({
    'core/index.ts': [],
    'core/nn.ts': ['./nn/a.ts', './checkpoint/b.ts'],
    'core/nn/a.ts': [],
    'core/checkpoint/b.ts': ['./c.ts'],
    'core/checkpoint/c.ts': ['node:zlib'],
    'blocks/losses/d.ts': ['../features/e.ts', '@dualprior/core/nn'],
    'blocks/features/e.ts': ['sharp', 'fs'],
    'blocks/networks/f.ts': ['../../core/index.ts'],
    'blocks/networks/f.test.ts': ['node:fs'],
    'blocks/data/g.ts': ['node:fs', '../../core/index.ts'],
    'blocks/index.ts': [],
    'blocks/nn.ts': ['./networks/f.ts'],
    'runners/methods/h.ts': ['../../blocks/index.ts'],
  });
  const ofBrowsers = found.filter((line) => line.startsWith('for-browsers'));
  expect(ofBrowsers).toEqual([
    'for-browsers: packages/blocks/losses/d.ts',
    'for-browsers: packages/blocks/networks/f.ts',
    'for-browsers: packages/blocks/nn.ts',
    'for-browsers: packages/core/nn.ts',
    'for-browsers: packages/runners/methods/h.ts',
  ]);
});
