import { describe, expect, test } from '@jest/globals';
import { Checker } from '../check-options.ts';
import { Findings } from '../findings.ts';
import type { MapNode } from '../node.ts';
import { showPlace, Source } from '../source.ts';
import { parseYaml } from '../yaml.ts';
import { readEdits, readSeeds } from './read-sweep.ts';

/** What a file and `--sweep` ask for, and what is wrong with it. */
function read(text: string, given: readonly string[] = []) {
  const findings = new Findings();
  const root = parseYaml(new Source('a.yaml', text, '/'), findings) as MapNode;
  const env = { SEEDS: '[5, 6, 6]', LIST: '[1, 2]', MAP: '{a: 7}', SWEEP: '{grid: {c: [3]}, variants: {two: {c: 4}}}' };
  const checker = new Checker(env, '/', findings);
  const seeds = readSeeds(root, checker);
  const edits = readEdits(root, given, '/', checker);
  const problems = findings.all.map(({ place, message }) => `${showPlace(place!)}: ${message}`);
  return { seeds, edits, problems, names: edits.map(({ name }) => name), findings: findings.all };
}

const names = (text: string, given?: readonly string[]) => {
  const { names: found, problems } = read(text, given);
  expect(problems).toEqual([]);
  return found;
};

describe('a point of the grid is called', () => {
  test('by its values where these are short: of at most 24 characters', () => {
    const [short, long] = ['x'.repeat(24), 'x'.repeat(25)];
    expect(names(`sweep: {grid: {a.b: [${short}, ${long}, 3, true]}}`)).toEqual([
      `b=${short}`,
      'b=#2',
      'b=3',
      'b=true',
    ]);
    expect(names('sweep: {grid: {a.b: [[1, 2], [3]]}}')).toEqual(['b=[1,2]', 'b=[3]']);
  });

  test('by the type of a component where no other has it, else by its place', () => {
    expect(names('sweep: {grid: {a: [{type: l1}, {type: l2}, {type: l2, x: 1}, {y: 1}]}}')).toEqual([
      'a=l1',
      'a=#2',
      'a=#3',
      'a=#4',
    ]);
    expect(names('sweep: {grid: {a: ["1", 1]}}')).toEqual(['a=#1', 'a=#2']);
  });
});

test('lists, variants and the whole sweep may be in environment variables', () => {
  expect(names('sweep: {grid: {a: "${env:LIST}"}, variants: {one: "${env:MAP}"}}')).toEqual(['a=1', 'a=2', 'one']);
  expect(read('sweep: {variants: {one: "${env:MAP}"}}').edits[0]!.changes).toEqual({ a: 7 });
  expect(names('sweep: "${env:SWEEP}"')).toEqual(['c=3', 'two']);
});

describe('--sweep', () => {
  test.each([
    ['a=1,2', ['a=1', 'a=2']],
    ['a=[1,2]', ['a=1', 'a=2']],
    ['a= [1, 2] ', ['a=1', 'a=2']],
    ['a=x,[1, 2]', ['a=x', 'a=[1,2]']],
    ['a=x=1', ['a=x=1']],
    ['a={type: l1},{type: l2}', ['a=l1', 'a=l2']],
  ])('%s', (given, expected) => {
    expect(names('name: x', [given])).toEqual(expected);
  });

  test.each([
    ['a', '--sweep #2, character 1: not of the form a.b.c=V1,V2'],
    ['=1', '--sweep #2, character 1: not of the form a.b.c=V1,V2'],
    ['a=', '--sweep #2, character 1: a has no values'],
    ['a=[]', '--sweep #2, character 1: a has no values'],
    ['seed=1,2', '--sweep #2, character 1: the seed is no setting to sweep'],
    ['sweep.grid=1,2', '--sweep #2, character 1: "sweep" cannot be swept: it belongs to the file'],
    ['a.b=1,2,1', '--sweep #2, character 9: a.b: this value is there twice'],
    ['a.b=[1, 1]', '--sweep #2, character 9: a.b: this value is there twice'],
  ])('%s is a mistake', (given, problem) => {
    expect(read('name: x', ['c=1', given]).problems).toEqual([problem]);
  });
});

test('a grid has at most 1000 points', () => {
  const axis = (path: string, count: number) => `${path}: [${Array.from({ length: count }, (_, i) => i).join(', ')}]`;
  const grid = (...axes: string[]) => read(`sweep: {grid: {${axes.join(', ')}}}`);
  expect(grid(axis('a', 10), axis('b', 10), axis('c', 10)).edits).toHaveLength(1000);
  const { edits, findings } = grid(axis('a', 7), axis('b', 11), axis('c', 13));
  expect(edits).toEqual([]);
  expect(findings).toMatchObject([
    {
      message: 'the grid has 1001 combinations',
      found: '1001',
      allowed: 'at most 1000',
      place: { start: 15, end: 16 },
    },
  ]);
});

test('variants have what they change, where they stand; what is no path is left out', () => {
  const { edits, problems } = read('sweep:\n  variants:\n    wide: {a.b: 1, c: [2]}\n    odd: {a b: 1, d: 2}');
  expect(problems).toEqual(['a.yaml:4:11: "a b" is no path']);
  expect(edits.map(({ name, changes, nodes, inGrid }) => [name, changes, nodes.length, inGrid])).toEqual([
    ['wide', { 'a.b': 1, c: [2] }, 2, false],
    ['odd', { d: 2 }, 1, false],
  ]);
  expect(edits.map(({ place }) => showPlace(place))).toEqual(['a.yaml:3:5', 'a.yaml:4:5']);
});

test('a point of the grid stands at its last value', () => {
  const { edits } = read('sweep: {grid: {a: [1], b: [2, 3]}}');
  expect(edits.map(({ place, changes, inGrid }) => [showPlace(place), changes, inGrid])).toEqual([
    ['a.yaml:1:28', { a: 1, b: 2 }, true],
    ['a.yaml:1:31', { a: 1, b: 3 }, true],
  ]);
});

test.each(['name: x', 'sweep: null', 'sweep: {}', 'sweep: {grid: null, variants: null}', 'sweep: {grid: {}}'])(
  '%s asks for nothing else',
  (text) => {
    expect(names(text)).toEqual([]);
  },
);

describe('seeds', () => {
  test('are a list, or a list with the stages that are shared', () => {
    expect(read('seeds: [3, 4]').seeds).toEqual({ values: [3, 4], shared: undefined });
    expect(read('seeds: {values: [3, 4]}').seeds).toEqual({ values: [3, 4], shared: undefined });
    expect(read('seeds: {values: [3], shared: []}').seeds).toEqual({ values: [3], shared: [] });
    const { shared } = read('seeds: {values: [3], shared: [a, b]}').seeds!;
    expect(shared!.map(({ name, place }) => `${name} ${showPlace(place)}`)).toEqual(['a a.yaml:1:31', 'b a.yaml:1:34']);
    expect([read('seeds: null').seeds, read('name: x').seeds]).toEqual([undefined, undefined]);
  });

  test('that are there twice are shown where they are again', () => {
    expect(read('seeds: [5, 6, 5, 6]').problems).toEqual(['a.yaml:1:15: seeds: 5 is there twice']);
    expect(read('seeds: "${env:SEEDS}"').problems).toEqual(['a.yaml:1:8: seeds: 6 is there twice']);
    expect(read('seeds: {values: [5, 5]}').problems).toEqual(['a.yaml:1:21: seeds: 5 is there twice']);
  });

  test('that are wrong are none', () => {
    const { seeds, problems } = read('seeds: [1.5]');
    expect([seeds, problems]).toEqual([undefined, ['a.yaml:1:9: seeds[0] has the wrong type']]);
  });
});
