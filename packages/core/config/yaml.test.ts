import { describe, expect, test } from '@jest/globals';
import { Findings } from './findings.ts';
import { toValue, type MapNode, type Node } from './node.ts';
import { showPlace, Source } from './source.ts';
import { parseYaml } from './yaml.ts';

function read(text: string) {
  const all = new Findings();
  const node = parseYaml(new Source('a.yaml', text, '/'), all);
  const problems = all.all.map(({ place, message, hint }) => [`${showPlace(place!)}: ${message}`, hint]);
  return { node, value: node && toValue(node), problems, all };
}

const value = (text: string) => {
  const { value: found, problems } = read(text);
  expect(problems).toEqual([]);
  return found;
};

const entry = (text: string, name = 'a'): Node => (read(text).node as MapNode).entries.get(name)!.value;

test('a text that holds nothing is nothing', () => {
  for (const text of ['', '\n', '# a comment\n']) expect(read(text)).toMatchObject({ node: undefined, problems: [] });
});

test('maps, lists and scalars, of which some are empty', () => {
  expect(value('a: [1, x, true, null, 1.5]\nb:\nc:\n  -\n  - y\n1: z\nnull: w')).toEqual({
    a: [1, 'x', true, null, 1.5],
    b: null,
    c: [null, 'y'],
    1: 'z',
    null: 'w',
  });
});

test.each([
  ['a: 007', { value: 7, plain: true, written: '007' }],
  ['a: 1e3', { value: 1000, plain: true, written: '1e3' }],
  ['a: 99999999999999999999', { value: 1e20, plain: true, written: '99999999999999999999' }],
  ['a: true', { value: true, plain: true, written: 'true' }],
])('%s knows how it is written', (text, expected) => {
  expect(entry(text)).toMatchObject(expected);
});

test.each([
  ['a: x', true],
  ['a: "x"', false],
  ["a: '1'", false],
  ['a: |\n  x', false],
])('%j is a text', (text, plain) => {
  expect(entry(text)).toMatchObject({ kind: 'scalar', plain });
  expect(entry(text)).not.toHaveProperty('written');
});

describe('merge keys', () => {
  test('the own entries win, then the first map, and their own come last', () => {
    expect(value('x: &x {a: 1, b: 1}\ny: {<<: *x, b: 2, c: 3}')).toMatchObject({ y: { a: 1, b: 2, c: 3 } });
    expect(value('y: {b: 2, <<: {a: 1, b: 1}}')).toEqual({ y: { a: 1, b: 2 } });
    expect(value('y: {<<: [{a: 1}, {a: 2, b: 2}]}')).toEqual({ y: { a: 1, b: 2 } });
    expect(Object.keys((value('y: {b: 2, <<: {b: 1, a: 1}}') as { y: object }).y)).toEqual(['a', 'b']);
  });

  test('in quotes is a key like any other', () => {
    expect(value('y: {"<<": {a: 1}}')).toEqual({ y: { '<<': { a: 1 } } });
  });

  test('of what is no map is a mistake, and the other maps of the list count', () => {
    expect(read('y: {<<: [{a: 1}, 3], b: 2}')).toMatchObject({
      value: { y: { a: 1, b: 2 } },
      problems: [['a.yaml:1:5: "<<" takes a map or a list of maps', 'e.g. "<<: *anchor"']],
    });
    expect(read('y: {<<: }').problems).toHaveLength(1);
  });
});

describe('what cannot be read', () => {
  test('a key that is written twice counts as it is written first', () => {
    expect(read('b: 0\na: 1\na: 2')).toMatchObject({
      value: { b: 0, a: 1 },
      problems: [['a.yaml:3:1: "a" is written twice here', 'the first is in line 2: a.yaml:2:1']],
    });
  });

  test('a key that is no text is left out', () => {
    expect(read('{[1]: 2, a: 3}')).toMatchObject({
      value: { a: 3 },
      problems: [['a.yaml:1:2: a key must be a plain text', undefined]],
    });
  });

  test('an alias of nothing, and of itself, is nothing, and nothing more is said', () => {
    const none = read('a: *b\nc: 1');
    expect(none.value).toEqual({ a: null, c: 1 });
    expect(none.problems).toEqual([['a.yaml:1:4: "*b" refers to no anchor above it', 'an anchor is written "&b"']]);
    expect(() => none.all.throwIfLost()).toThrow();
    const own = read('a: &a {b: *a}');
    expect(own.value).toEqual({ a: { b: null } });
    expect(() => own.all.throwIfLost()).toThrow('contains itself');
  });

  test('values in one another are read up to 100 levels', () => {
    const lists = (count: number) => read('['.repeat(count) + ']'.repeat(count)).problems;
    expect(lists(101)).toEqual([]);
    expect(lists(102)).toEqual([['a.yaml:1:102: values are nested too deeply', undefined]]);
  });

  test('values are read up to 100,000, each list and map counted', () => {
    const ten = (of: string) => `[${Array<string>(10).fill(of).join(', ')}]`;
    const anchors = `a: &a ${ten('0')}\nb: &b ${ten('*a')}\nc: &c ${ten('*b')}\nd: &d ${ten('*c')}\n`;
    const nine = Array<string>(9).fill('*d').join(', '); // of 11,111 values each
    expect(read(`${anchors}e: [${nine}]`).problems[0]![0]).toMatch(/^a\.yaml:1:1: /); // only the whole is too much
    expect(read(`${anchors}e: [${nine}, 0]`).problems[0]![0]).toMatch(/^a\.yaml:5:4: this stands for more than 100000/);
  });
});
