import { expect, test } from '@jest/globals';
import { Findings } from './findings.ts';
import { toValue } from './node.ts';
import { parseSets } from './set.ts';
import { showPlace } from './source.ts';

function read(...sets: string[]) {
  const findings = new Findings();
  const node = parseSets(sets, '/cwd', findings);
  const problems = findings.all.map(({ place, message, hint }) => [`${showPlace(place!)}: ${message}`, hint]);
  return { node, value: node && toValue(node), problems };
}

test('nothing set is nothing', () => {
  expect(read()).toEqual({ node: undefined, value: undefined, problems: [] });
});

test.each([
  [['a.b=1', 'a.c=x'], { a: { b: 1, c: 'x' } }],
  [['a.b=1', 'a.b=2'], { a: { b: 2 } }],
  [['a.b=', 'a.c='], { a: { b: null, c: null } }],
  [['a.b=1', 'a.b='], { a: { b: null } }],
  [['a=', 'a.b=1'], { a: { b: 1 } }],
  [['a.b=1', 'a={c: 2}'], { a: { b: 1, c: 2 } }],
  [['a={b: 1}', 'a={c: 2}'], { a: { b: 1, c: 2 } }],
  [['a={b: 1}', 'a={b: null}'], { a: {} }],
  [['a=[1]', 'a=[2]'], { a: [2] }],
  [['a={type: x, b: 1}', 'a={type: y}'], { a: { type: 'y' } }],
  [['a=x=y'], { a: 'x=y' }],
])('%j is %j', (sets, value) => {
  expect(read(...sets)).toMatchObject({ value, problems: [] });
});

const FORM = 'e.g. --set stages.restore.batch.size=4';
const HYDRA = 'a.b.c=VALUE sets what is there and adds what is not; a.b.c= removes';

test.each([
  ['a.b', 'character 1: not of the form a.b.c=VALUE', FORM],
  ['=1', 'character 1: not of the form a.b.c=VALUE', FORM],
  ['a b=1', 'character 1: not of the form a.b.c=VALUE', FORM],
  ['a+~b c=1', 'character 1: not of the form a.b.c=VALUE', FORM],
  ['+a.b=1', 'character 1: not of the form a.b.c=VALUE', HYDRA],
  ['~a.b', 'character 1: not of the form a.b.c=VALUE', HYDRA],
  ['a={b: 1, b: 2}', 'character 10: "b" is written twice here', 'the first is in line 1: --set #2, character 4'],
  [
    `a=${'x'.repeat(9_999)}`,
    'character 1: longer than 10000 characters',
    'put it in a file, which `extends` the other',
  ],
])('%.20s is a mistake, and the others count', (set, problem, hint) => {
  expect(read('c=1', set)).toMatchObject({ value: { c: 1 }, problems: [[`--set #2, ${problem}`, hint]] });
});

test('10000 characters are not too long', () => {
  expect(read(`a=${'x'.repeat(9_998)}`).problems).toEqual([]);
});

test('keys and values stand where they are written', () => {
  const { node } = read('a.bc= 12');
  const inner = node?.kind === 'map' ? node.entries.get('a')!.value : undefined;
  const { key, value } = (inner?.kind === 'map' ? inner.entries.get('bc') : undefined)!;
  expect([showPlace(node!.place), showPlace(key), showPlace(value.place)]).toEqual([
    '--set #1, character 1',
    '--set #1, character 3',
    '--set #1, character 7',
  ]);
});
