import { expect, test } from '@jest/globals';
import { toNode } from '../node.ts';
import { Source } from '../source.ts';
import { isPath, nested, shortNames } from './paths.ts';

test('a path is names joined by points, without the signs of Hydra in front', () => {
  for (const text of ['a', 'a.b.c', 'loss.terms.2.weight', 'a+b', 'a.~b', 'é'])
    expect([text, isPath(text)]).toEqual([text, true]);
  for (const text of ['', '.', '.a', 'a.', 'a..b', 'a b', 'a .b', ' a', 'a.b\n', '+a', '~a.b']) {
    expect([text, isPath(text)]).toEqual([text, false]);
  }
});

test.each([
  ['as it is', 'x: a.bc', 3, 7, [3, 4, 5, 7]],
  ['in quotes', 'x: "a.bc"', 3, 9, [4, 5, 6, 8]],
])('the maps of a path %s know where their names stand', (_, text, start, end, [a, b, c, d]) => {
  const source = new Source('a.yaml', text, '/');
  const leaf = toNode(1, { source, start: 0, end: 1 });
  const [outer, inner] = [
    { source, start: a, end: b },
    { source, start: c, end: d },
  ];
  const below = { kind: 'map', place: inner, path: true, entries: new Map([['bc', { key: inner, value: leaf }]]) };
  const whole = { kind: 'map', place: outer, path: true, entries: new Map([['a', { key: outer, value: below }]]) };
  expect(nested('a.bc', { source, start, end }, leaf)).toEqual(whole);
});

test.each([
  [['a.b.x'], ['x']],
  [
    ['a.x', 'b.x', 'c.y'],
    ['a.x', 'b.x', 'y'],
  ],
  [
    ['a.c.x', 'b.c.x'],
    ['a.c.x', 'b.c.x'],
  ],
  [
    ['a.xx', 'b.x'],
    ['xx', 'x'],
  ],
  [
    ['a.x', 'x'],
    ['a.x', 'x'],
  ],
  [
    ['a.b.0', 'a.b.1'],
    ['b.0', 'b.1'],
  ],
  [
    ['a.2d', 'b'],
    ['a.2d', 'b'],
  ],
])('%j are called %j for short', (paths, names) => {
  expect([...shortNames(paths)]).toEqual(paths.map((path, i) => [path, names[i]]));
});
