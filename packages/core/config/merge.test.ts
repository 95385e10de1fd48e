import { expect, test } from '@jest/globals';
import { merge } from './merge.ts';
import { toNode, toValue, type MapNode } from './node.ts';
import { Source } from './source.ts';
import { nested } from './sweep/paths.ts';

const place = { source: new Source('a.yaml', 'x', '/'), start: 0, end: 1 };
const node = (value: unknown) => toNode(value, place);
const merged = (base: unknown, over: unknown) => toValue(merge(node(base), node(over)));

/** `--set PATH=VALUE` laid on a value. */
const set = (base: unknown, path: string, value: unknown) =>
  merge(node(base), nested(path, { ...place, end: path.length }, node(value)));

test.each([
  ['a scalar', { a: 1 }, { a: 2 }, { a: 2 }],
  ['a list', { a: [1, 2] }, { a: [3] }, { a: [3] }],
  ['a list by a map', { a: [1, 2] }, { a: { 0: 3 } }, { a: { 0: 3 } }],
  ['a map by a scalar', { a: { b: 1 } }, { a: 2 }, { a: 2 }],
  ['a scalar by a map', { a: 2 }, { a: { b: 1 } }, { a: { b: 1 } }],
  ['a component by one of another type', { type: 'a', x: 1 }, { type: 'b', y: 2 }, { type: 'b', y: 2 }],
])('%s is replaced', (_, base, over, expected) => {
  expect(merged(base, over)).toEqual(expected);
});

test.each([
  ['of the same type', { type: 'a', x: 1 }, { type: 'a', y: 2 }, { type: 'a', x: 1, y: 2 }],
  ['that gets its type', { x: 1 }, { type: 'a' }, { x: 1, type: 'a' }],
  ['that keeps its type', { type: 'a', x: 1 }, { y: 2 }, { type: 'a', x: 1, y: 2 }],
  ['whose type is no name below', { type: { z: 1 }, x: 1 }, { type: 'a' }, { type: 'a', x: 1 }],
  ['whose type is no name above', { type: 'a', x: 1 }, { type: { z: 1 } }, { type: { z: 1 }, x: 1 }],
])('a map %s keeps its other entries', (_, base, over, expected) => {
  expect(merged(base, over)).toEqual(expected);
});

test('null deletes what is there, and stays where there is nothing', () => {
  expect(merged({ a: 1, b: { c: 2 } }, { a: null, b: { c: null } })).toEqual({ b: {} });
  expect(merged({ a: 1 }, { b: null })).toEqual({ a: 1, b: null });
});

test('entries keep the order of the map below, unless the one above names them all', () => {
  const keys = (base: object, over: object) => Object.keys(merged(base, over) as object);
  expect(keys({ a: 1, b: 1, c: 1 }, { d: 1, c: 2, a: 2 })).toEqual(['a', 'b', 'c', 'd']);
  expect(keys({ a: 1, b: 1 }, { d: 1, b: 2, a: 2 })).toEqual(['d', 'b', 'a']);
});

test('--set reaches into lists, whose other items stay', () => {
  expect(toValue(set({ a: [{ b: 1, c: 2 }, 5] }, 'a.0.b', 3))).toEqual({ a: [{ b: 3, c: 2 }, 5] });
  expect(toValue(set({ a: [1, 2] }, 'a.1', 3))).toEqual({ a: [1, 3] });
});

test.each(['a.2', 'a.01x', 'a.x1', 'a.-1', 'a.length'])('--set %s names no item of a list of two', (path) => {
  const { entries } = set({ a: [1, 2] }, path, 3) as MapNode;
  expect(entries.get('a')!.value).toMatchObject({ kind: 'map', beyond: 2 });
});
