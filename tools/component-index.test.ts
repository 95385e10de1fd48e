import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { componentFiles, componentIndex, INDEXED_PACKAGES, writeIndex, writtenIndex } from './component-index.ts';
import { ROOT } from './setup/places.mjs';

describe('index of components', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'component-index-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }

  test.each([...INDEXED_PACKAGES])('%s: the index names every component (else: yarn index)', (packageFolder) => {
    const path = join(ROOT, packageFolder);
    expect(writtenIndex(path)).toBe(componentIndex(path));
  });

  test('lists files with a decorated class only, sorted', () => {
    const component = "@losses.component({ type: 'x' })\nexport class X {}\n";
    write('losses/z.ts', component);
    write('losses/a.ts', component);
    write('losses/a.test.ts', component);
    write('node_modules/other/b.ts', component);
    write('losses/testing/toy.ts', component);
    write('losses/loss.ts', '/**\n *     @losses.component({ ... })\n */\nexport class Loss {}\n');
    expect(componentFiles(folder)).toEqual(['losses/a.ts', 'losses/z.ts']);
    expect(componentIndex(folder)).toMatch(
      /\nexport \* from '\.\/losses\/a\.ts';\nexport \* from '\.\/losses\/z\.ts';\n$/,
    );
  });

  test('is a module even without a component', () => {
    expect(componentIndex(folder)).toMatch(/^export \{\};$/m);
  });

  test('is written once', () => {
    write('a.ts', "@losses.component({ type: 'x' })\nexport class X {}\n");
    expect(writtenIndex(folder)).toBeUndefined();
    expect(writeIndex(folder)).toBe(true);
    expect(writeIndex(folder)).toBe(false);
    expect(componentFiles(folder)).toEqual(['a.ts']);
  });
});
