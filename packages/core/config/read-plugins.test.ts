import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ConfigError } from './findings.ts';
import { readPlugins } from './read-plugins.ts';
import { folderWith } from './testing/files.ts';

const cwd = folderWith({
  'a.yaml': 'extends: sub/base.yaml\n',
  'none.yaml': 'name: x\n',
  'null.yaml': 'plugins: null\n',
  'wrong.yaml': 'plugins: [./missing.ts]\n',
  'text.yaml': 'plugins: ./own.ts\n',
  'empty.yaml': 'plugins: ["${env:PLUGIN:-}"]\n',
  'own.ts': '',
  'sub/base.yaml': 'plugins:\n  - ./mine.ts\n  - ../own.ts\n',
  'sub/mine.ts': '',
});
const read = (file: string, set: string[] = []) => readPlugins(file, { cwd, env: {}, set });

test('plugins have the names that are written, their files, and where they stand', () => {
  const found = read('a.yaml');
  expect(found.map(({ name, file }) => [name, file])).toEqual([
    ['./mine.ts', join(cwd, 'sub/mine.ts')],
    ['../own.ts', join(cwd, 'own.ts')],
  ]);
  const places = found.map(({ place }) => ({ name: place.source.name, ...place.source.position(place.start) }));
  expect(places).toEqual([
    { name: 'sub/base.yaml', line: 2, column: 5 },
    { name: 'sub/base.yaml', line: 3, column: 5 },
  ]);
  expect(read('none.yaml', ['plugins=[./own.ts]']).map(({ file }) => file)).toEqual([join(cwd, 'own.ts')]);
});

test('an experiment may have none', () => {
  expect(read('empty.yaml')).toEqual([]);
  expect(read('none.yaml', ['plugins=${env:PLUGINS:-}'])).toEqual([]);
  expect([read('none.yaml'), read('null.yaml')]).toEqual([[], []]);
});

test('an environment variable may hold the list, a plugin, or none: then the others keep their names and places', () => {
  const env = { PLUGINS: '[./own.ts, ./sub/mine.ts]', PLUGIN: './own.ts' };
  const found = (plugins: string) =>
    readPlugins('none.yaml', { cwd, env, set: [`plugins=${plugins}`] }).map(({ name, file, place }) => {
      const { column } = place.source.position(place.start);
      return [name, file, column];
    });
  const [own, mine] = [join(cwd, 'own.ts'), join(cwd, 'sub/mine.ts')];
  expect(found('${env:PLUGINS}')).toEqual([
    ['./own.ts', own, 9],
    ['./sub/mine.ts', mine, 9],
  ]);
  expect(found('["${env:NONE:-}", ./sub/mine.ts]')).toEqual([['./sub/mine.ts', mine, 27]]);
  expect(found('["${env:PLUGIN}"]')).toEqual([['${env:PLUGIN}', own, 10]]);
});

test('what is no list, and a file that is not there, are errors with their place', () => {
  expect(() => read('wrong.yaml')).toThrow(ConfigError);
  expect(() => read('wrong.yaml')).toThrow(/wrong\.yaml:1:11: .*there is no file .*missing\.ts/s);
  expect(() => read('text.yaml')).toThrow(/text\.yaml:1:10: plugins has the wrong type/);
});
