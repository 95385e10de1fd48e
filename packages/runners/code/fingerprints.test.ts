import { mkdirSync, mkdtempSync, realpathSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { fingerprints } from './fingerprints.ts';

const FILES = {
  'packages/core/index.ts': `export * from './add.ts';\nexport { twice as double } from './twice.ts';\nexport * from './nn.ts';\n`,
  'packages/core/nn.ts': `export * from './kind.ts';\n`,
  'packages/core/add.ts': `export interface Sum { readonly value: number }\nexport const add = (a: number, b: number): number => a + b;\n`,
  'packages/core/twice.ts': `export const twice = (a: number): number => 2 * a;\n`,
  'packages/core/kind.ts': `export const component = (name: string) => (create: unknown, _context: unknown): void => void [name, create];\n`,
  'packages/blocks/l1.ts': [
    `import { add, type Sum } from '@dualprior/core';`,
    `import { component } from '@dualprior/core/nn';`,
    `import { scaled } from './deep/scaled.ts';`,
    `/** A loss. */`,
    `@component('l1')`,
    `export class L1 {`,
    `  compute(a: number): Sum { return { value: add(a, scaled(a)) }; }`,
    `}`,
    ``,
  ].join('\n'),
  'packages/blocks/deep/scaled.ts': `export const scaled = (a: number): number => 3 * a;\n`,
  'packages/runners/report.ts': `import { double } from '@dualprior/core';\nexport const report = double(1);\n`,
};

let root: string;
let clock: number;
const cache = process.env['DUALPRIOR_CACHE'];
const L1 = () => join(root, 'packages/blocks/l1.ts');
const print = async () => (await fingerprints(root, [L1()])).get(L1())!;

/** Each write is later than the one before, as users' edits are. */
function write(path: keyof typeof FILES | (string & {}), text: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  clock += 10;
  utimesSync(file, clock, clock);
}

function edit(path: keyof typeof FILES, from: string, to: string): void {
  expect(FILES[path]).toContain(from);
  write(path, FILES[path].replace(from, to));
}

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'code-')));
  process.env['DUALPRIOR_CACHE'] = join(root, 'cache');
  clock = 1e9;
  for (const [path, text] of Object.entries(FILES)) write(path, text);
});

afterAll(() => {
  if (cache === undefined) delete process.env['DUALPRIOR_CACHE'];
  else process.env['DUALPRIOR_CACHE'] = cache;
});

test('an edit of what a file needs changes its fingerprint, whichever way it is imported', async () => {
  const prints = [await print()];
  for (const [path, from, to] of [
    ['packages/blocks/l1.ts', 'add(a,', 'add(-a,'],
    ['packages/blocks/deep/scaled.ts', '3 *', '4 *'],
    ['packages/core/add.ts', 'a + b', 'a - b'],
    ['packages/core/kind.ts', 'void [name', 'void [0, name'],
  ] as const) {
    edit(path, from, to);
    prints.push(await print());
    write(path, FILES[path]);
  }
  expect(new Set(prints).size).toBe(5);
  expect(await print()).toBe(prints[0]);
});

test('comments, white space, types and what is not needed change nothing', async () => {
  const before = await print();
  for (const [path, from, to] of [
    ['packages/blocks/l1.ts', '/** A loss. */', '// Another word.\n\n'],
    ['packages/blocks/l1.ts', '(a: number): Sum {', '(a: number):\n    {readonly value: number}   {'],
    ['packages/core/add.ts', 'readonly value: number', 'readonly value: number; readonly more?: string'],
    ['packages/core/twice.ts', '2 * a', '2.5 * a'],
    [
      'packages/core/index.ts',
      `export * from './add.ts';\n`,
      `/** Sums. */\nexport { add, type Sum } from './add.ts';\n`,
    ],
    ['packages/runners/report.ts', 'double(1)', 'double(2)'],
  ] as const) {
    edit(path, from, to);
    expect({ path, to, print: await print() }).toEqual({ path, to, print: before });
    write(path, FILES[path]);
  }
});

test('files may move', async () => {
  const before = await print();
  mkdirSync(join(root, 'packages/core/numbers'));
  renameSync(join(root, 'packages/core/add.ts'), join(root, 'packages/core/numbers/sum.ts'));
  edit('packages/core/index.ts', './add.ts', './numbers/sum.ts');
  renameSync(join(root, 'packages/blocks/deep/scaled.ts'), join(root, 'packages/blocks/scaled.ts'));
  edit('packages/blocks/l1.ts', './deep/scaled.ts', './scaled.ts');
  expect(await print()).toBe(before);
});

test('what is known is kept until a file changes', async () => {
  const before = await print();
  const known = join(root, 'cache', 'code');
  const { mtimeMs } = statSync(known);
  const { atimeMs } = statSync(L1());
  expect(await print()).toBe(before);
  expect([statSync(known).mtimeMs, statSync(L1()).atimeMs]).toEqual([mtimeMs, atimeMs]);
  // A cache that is damaged or of another version is done without.
  writeFileSync(join(known, 'x'), '');
  process.env['DUALPRIOR_CACHE'] = join(root, 'packages/blocks/l1.ts'); // no folder
  expect(await print()).toBe(before);
});
