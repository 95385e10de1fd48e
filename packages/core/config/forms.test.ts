import { Type, type TSchema } from '@sinclair/typebox';
import { expect, test } from '@jest/globals';
import { Kind, reference } from '../component/kind.ts';
import { asSchema } from '../component/schema.ts';
import { numeric, sameForm } from './forms.ts';
import { toNode } from './node.ts';
import { Source } from './source.ts';

const place = { source: new Source('a.yaml', 'x', '/'), start: 0, end: 1 };

test.each([
  ['1_000', 1000],
  ['+1_0', 10],
  ['-1_000_000', -1_000_000],
  ['1_0.5', 10.5],
  ['1_0e2', 1000],
  ['1_0.25E-1', 1.025],
  ['1000', undefined],
  ['_1', undefined],
  ['1_', undefined],
  ['1__0', undefined],
  ['x1_0', undefined],
  ['1_0x', undefined],
  ['1_0.', undefined],
  ['1_0e', undefined],
])('%s is the number %s', (text, value) => {
  expect(numeric({ type: 'integer' }, text, true)).toBe(value);
  expect(numeric({ type: 'number' }, text, true)).toBe(value);
});

test('digits in groups are no number in quotes, where a text is wanted, nor if they are none', () => {
  expect(numeric({ type: 'integer' }, '1_000', false)).toBeUndefined();
  expect(numeric({ type: 'string' }, '1_000', true)).toBeUndefined();
  expect(numeric({ type: 'integer' }, 1000, true)).toBeUndefined();
});

const VALUES = { map: { a: 1 }, list: [1], text: 'a', number: 1.5, truth: true, nothing: null };

test.each<[string, TSchema, (keyof typeof VALUES)[]]>([
  ['a component', new Kind('form').option(), ['map']],
  ['a map', Type.Object({ a: Type.Integer() }), ['map']],
  ['a record', Type.Record(Type.String(), Type.Integer()), ['map']],
  ['a list', Type.Array(Type.Integer()), ['list']],
  ['a tuple', Type.Tuple([Type.Integer()]), ['list']],
  ['a reference', reference('data'), ['text']],
  ['a choice', Type.Union([Type.Literal('a'), Type.Literal(true)]), ['text', 'truth']],
  ['a union', Type.Union([Type.Boolean(), Type.Array(Type.Integer())]), ['list', 'truth']],
  ['anything', Type.Unknown(), ['map', 'list', 'text', 'number', 'truth', 'nothing']],
  ['a text', Type.String(), ['text']],
  ['an integer, also one that is a fraction', Type.Integer(), ['number']],
  ['a number', Type.Number(), ['number']],
  ['a truth', Type.Boolean(), ['truth']],
])('%s has the form of some values only', (_, schema, expected) => {
  const found = Object.entries(VALUES).filter(([, value]) => sameForm(asSchema(schema), toNode(value, place)));
  expect(found.map(([name]) => name)).toEqual(expected);
});

test('digits in groups have the form of a number', () => {
  expect(sameForm(asSchema(Type.Integer()), toNode('1_000', place))).toBe(true);
});
