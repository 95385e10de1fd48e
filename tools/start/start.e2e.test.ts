import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { ROOT } from '../setup/places.mjs';
import { entries } from './sources.mjs';

jest.setTimeout(60_000);

let root: string;

const CORE = `export class Shared {}\nexport const greeting: string = 'good day';\n`;
const HELLO = [
  `import { greeting } from '@dualprior/core';`,
  ``,
  `interface Words { readonly text: string }`,
  `const words: Words = { text: greeting };`,
  `if (process.argv[2] === 'fail') throw new Error(words.text);`,
  `console.log(words.text, import.meta.filename, process.argv.slice(2).join());`,
  ``,
].join('\n');

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function hello(...parameters: string[]) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(root, 'tools', 'run.mjs'), 'hello', ...parameters],
    { encoding: 'utf8' },
  );
  return { stdout, stderr, status };
}

/** How many states of the sources were compiled. */
const compiled = () => {
  const home = join(root, 'node_modules', '.cache', 'dualprior');
  return readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => /^\w+\/\w{16}$/.test(name)).length;
};

/** A checkout with one small command. */
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'checkout-')));
  cpSync(join(ROOT, 'tools'), join(root, 'tools'), { recursive: true });
  mkdirSync(join(root, 'node_modules'));
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!['.cache', '@dualprior'].includes(name))
      symlinkSync(join(ROOT, 'node_modules', name), join(root, 'node_modules', name));
  }
  write('package.json', JSON.stringify({ type: 'module', scripts: { hello: 'node tools/run.mjs hello' } }));
  mkdirSync(join(root, 'node_modules', '@dualprior'));
  symlinkSync(join(root, 'packages', 'core'), join(root, 'node_modules', '@dualprior', 'core'));
  for (const name of ['core', 'blocks', 'runners']) {
    const facts = { name: `@dualprior/${name}`, type: 'module', exports: './index.ts' };
    write(`packages/${name}/package.json`, JSON.stringify(facts));
  }
  write('tsconfig.json', '{}');
  for (const file of entries(root)) if (file.startsWith('packages/')) write(file, '');
});

beforeEach(() => {
  rmSync(join(root, 'node_modules', '.cache'), { recursive: true, force: true });
  write('packages/core/index.ts', CORE);
  write('packages/runners/cli/hello.ts', HELLO);
});

test('a program knows where its source lies, and gets its arguments', () => {
  const said = { stdout: `good day ${join(root, 'packages/runners/cli/hello.ts')} a,b\n`, stderr: '', status: 0 };
  expect(hello('a', 'b')).toEqual(said);
  expect(hello('a', 'b')).toEqual(said);
  expect(compiled()).toBe(1);
});

test('an edit counts at once, even one that leaves size and time of the file as they were', () => {
  hello();
  const file = join(root, 'packages', 'core', 'index.ts');
  const { size, atime, mtime } = statSync(file);
  write('packages/core/index.ts', CORE.replace('good day', 'good bye'));
  utimesSync(file, atime, mtime);
  expect(statSync(file).size).toBe(size);
  expect(hello().stdout).toMatch(/^good bye /);
  write('packages/core/index.ts', CORE);
  expect(hello().stdout).toMatch(/^good day /);
  expect(compiled()).toBe(2);
});

test('an error has the line of the source', () => {
  const { stderr, status } = hello('fail');
  expect(stderr).toContain(`${join(root, 'packages/runners/cli/hello.ts')}:5:`);
  expect(status).toBe(1);
});

test('a mistake in the grammar is reported with its place', () => {
  write('packages/core/index.ts', `${CORE}const = 1;\n`);
  const { stderr, status } = hello();
  expect(stderr).toContain('packages/core/index.ts:3:6');
  expect(stderr).not.toContain('    at ');
  expect(status).toBe(1);
});

test('where nothing can be written, a loader compiles each file', () => {
  write('node_modules/.cache', 'no folder');
  expect(hello('a')).toMatchObject({ stdout: expect.stringMatching(/^good day .*hello\.ts a\n$/), status: 0 });
});

test('no compiled module imports TypeScript of our packages, which Node cannot load', () => {
  const script = [
    `import { compile } from ${JSON.stringify(join(ROOT, 'tools/start/compile.mjs'))};`,
    `const { outputFiles } = await compile(${JSON.stringify(ROOT)}, '/nowhere');`,
    `const found = outputFiles.filter(({ path, text }) => path.endsWith('.mjs') && /^import .*"@dualprior\\/(?!core\\/plugins\\/)/m.test(text));`,
    `console.log(JSON.stringify([outputFiles.length > 20, found.map(({ path }) => path)]));`,
  ];
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script.join('\n')], {
    encoding: 'utf8',
  });
  expect(JSON.parse(stdout)).toEqual([true, []]);
});
