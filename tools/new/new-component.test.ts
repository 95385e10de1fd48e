import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from '../setup/places.mjs';
import { NEW_KINDS, newComponent } from './new-component.ts';

// The templates compile and pass their tests where they are; here: that what is written from them would too.

const checkout = () => {
  const root = mkdtempSync(join(tmpdir(), 'dualprior-new-'));
  cpSync(join(ROOT, 'packages/runners/defaults.json'), join(root, 'packages/runners/defaults.json'));
  mkdirSync(join(root, 'packages/blocks'));
  return root;
};

test.each(NEW_KINDS)('a new %s has its own name everywhere and imports files that exist', (kind) => {
  const root = checkout();
  const [file, itsTest] = newComponent(root, kind, 'dark-channel').map((path) => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  }));
  expect(file!.text).toContain(`type: 'dark-channel'`);
  expect(file!.text).toContain('export class DarkChannel ');
  expect(itsTest!.text).toContain(`'./dark-channel.ts';`);
  for (const { path, text } of [file!, itsTest!]) {
    expect(text).not.toMatch(/my.(network|loss|metric|dataset|stage)/i);
    const imports = [...text.matchAll(/from '(\.[^']*)'/g)].map((match) => match[1]!);
    const written = path === itsTest!.path ? ['./dark-channel.ts'] : [];
    const missing = imports.filter((name) => !written.includes(name) && !existsSync(join(ROOT, dirname(path), name)));
    expect(missing).toEqual([]);
  }
});

test('it is entered into the index and the defaults', () => {
  const root = checkout();
  newComponent(root, 'loss', 'dark-channel');
  expect(readFileSync(join(root, 'packages/blocks/components.generated.ts'), 'utf8')).toContain(
    `export * from './losses/dark-channel.ts';`,
  );
  const defaults = JSON.parse(readFileSync(join(root, 'packages/runners/defaults.json'), 'utf8')) as object;
  expect(defaults).toHaveProperty(['loss', 'dark-channel'], { power: 2, weight: 1 });
});

test('bad input is an error that says what is allowed; nothing is written', () => {
  const root = checkout();
  expect(() => newComponent(root, 'optimiser', 'x')).toThrow('Choose one of network, loss, metric, dataset, stage');
  expect(() => newComponent(root, 'loss', '../Evil')).toThrow('lower case with hyphens');
  expect(readdirSync(resolve(root, 'packages/blocks'))).toEqual([]);
  newComponent(root, 'loss', 'dark-channel');
  expect(() => newComponent(root, 'loss', 'dark-channel')).toThrow('dark-channel.ts is there already');
});
