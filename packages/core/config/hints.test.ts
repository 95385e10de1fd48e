import { Type, type TSchema } from '@sinclair/typebox';
import { describe, expect, test } from '@jest/globals';
import { asSchema } from '../component/schema.ts';
import { Kind } from '../component/kind.ts';
import { kindHint, nameHint, pathHint, typeHint, typesOf, valueHint, wrappedHint } from './hints.ts';
import { toNode, type MapNode } from './node.ts';
import { Source } from './source.ts';
import './testing/fake-components.ts';

const place = { source: new Source('a.yaml', 'x', '/'), start: 0, end: 1 };
const node = (value: unknown) => toNode(value, place);
const map = (value: object) => node(value) as MapNode;

describe('a name that there is not', () => {
  test.each([
    ['\u00a0', 'a no-break space (U+00A0)'],
    ['\u200b', 'an invisible character (U+200B)'],
    ['\u2007', 'an invisible character (U+2007)'],
    ['\ufeff', 'an invisible character (U+FEFF)'],
  ])('that holds %j is reported', (blank, words) => {
    expect(nameHint(`wid${blank}th`, ['width'])).toBe(`it holds ${words}; type a plain space, or none`);
  });

  test('gets the nearest, where there is one', () => {
    expect(nameHint('widht', ['depth', 'width'])).toBe('did you mean "width"?');
    expect(nameHint('wi dth', ['width'])).toBe('did you mean "width"?');
    expect(nameHint('beta', ['width'])).toBeUndefined();
  });

  test.each([
    [{}, undefined],
    [{ size: 1 }, undefined],
    [{ a: { size: 1 } }, 'did you mean a.size?'],
    [{ a: { size: 1, b: { size: { size: 2 } } } }, 'did you mean a.size or a.b.size or a.b.size.size?'],
    [
      { a: { size: 1 }, b: { size: 1 }, c: { size: 1 }, d: { size: 1 } },
      'did you mean a.size or b.size or c.size, ...?',
    ],
    [{ a: { sizes: 1 }, b: [{ size: 1 }] }, undefined],
  ])('at the top level of %j gets the paths where there is one', (root, hint) => {
    expect(pathHint('size', map(root))).toBe(hint);
  });
});

describe('in place of a component', () => {
  const losses = typesOf('loss');

  test('a list, a type, a type with a typo, and the type of another kind', () => {
    expect(losses).toEqual(['charbonnier', 'psnr']);
    expect(kindHint('loss', node([{ type: 'psnr' }]), losses)).toBe('only one loss can stand here, without "-" or [ ]');
    expect(kindHint('loss', node({ type: 'psnr' }), losses)).toBeUndefined();
    expect(kindHint('loss', node('psnr'), losses)).toBe('write {type: psnr}');
    expect(kindHint('loss', node('pnsr'), losses)).toBe('did you mean "psnr"?');
    expect(kindHint('loss', node('adam'), losses)).toBe('adam is an optimizer, not a loss');
    expect(kindHint('loss', node(3), losses)).toBeUndefined();
  });

  test('a type that several other kinds have names them all', () => {
    expect(typeHint('network', 'regression', typesOf('network'))).toBe(
      'regression is a method and a stage, not a network',
    );
  });

  test('a component that is wrapped is written itself, with the options around it that it has', () => {
    expect(wrappedHint('loss', map({ loss: { type: 'charbonnier' }, epsilon: 2, weight: 3 }))).toBe(
      'write the loss itself: {type: charbonnier, epsilon: 2}',
    );
    expect(wrappedHint('loss', map({ loss: { type: 'l9', a: 1 }, epsilon: 2 }))).toBe(
      'write the loss itself: {type: l9, a: 1}',
    );
    for (const other of [{ epsilon: 2 }, { loss: 'charbonnier' }, { loss: { epsilon: 2 } }, { loss: [1] }]) {
      expect(wrappedHint('loss', map(other))).toBeUndefined();
    }
  });
});

describe('a value of the wrong type', () => {
  const integer = Type.Integer();
  const float = Type.Number();
  const component = new Kind('loss').option();
  const batch = Type.Object({ shuffle: Type.Boolean(), size: Type.Integer() });

  test.each<[string, TSchema, unknown, string | undefined]>([
    ['a scalar for a list', Type.Array(integer), 3, 'a list is written [3]'],
    ['a map for a list', Type.Array(integer), { a: 1 }, undefined],
    ['a list for a number', integer, [3], undefined],
    [
      'a text with an odd blank',
      integer,
      '3\u2009',
      'it holds an invisible character (U+2009); type a plain space, or none',
    ],
    ['a text for a component among others', Type.Union([Type.Array(integer), component]), 'psnr', 'write {type: psnr}'],
    ['a text for neither', Type.Union([Type.Array(integer), float]), 'psnr', undefined],
    ['a number for a map with one', batch, 3, 'write {size: 3}'],
    ['a truth for a map with one', batch, true, 'write {shuffle: true}'],
    ['a text for a map without one', batch, 'a', undefined],
    ['a number in quotes', integer, '3', 'without quotes it is a number'],
    ['a fraction in quotes', float, '1e-3', 'without quotes it is a number'],
    ['a text that is no number', float, '3px', undefined],
    ['no text', float, '', undefined],
    ['blanks', float, ' ', undefined],
    ['a text that says infinite', float, 'Infinity', undefined],
    ['a decimal comma', float, '10,25', 'the decimal sign is a point'],
    ['a decimal comma for a text', Type.Boolean(), '0,1', undefined],
    ['numbers in a text', float, '1,2,3', undefined],
    ['a unit after a comma', float, '0,1s', undefined],
    ['a sign before a comma', float, 'x0,1', undefined],
    ['a fraction for an integer', integer, 1.5, undefined],
    ['a truth for a number', float, true, undefined],
    ['a number for a text', Type.String(), 1.5, 'in quotes it is a string: "1.5"'],
    ['a truth for a text', Type.String(), false, 'in quotes it is a string: "false"'],
    ['a text for a text', Type.String(), 'a', undefined],
    ['a number for a truth', Type.Boolean(), 1, undefined],
    ['yes for a number', integer, 'yes', undefined],
    ['no for a text of a pattern', Type.String(), 'no', undefined],
    ['true in quotes for a number', integer, 'true', undefined],
  ])('%s', (_, schema, value, hint) => {
    expect(valueHint(asSchema(schema), node(value))).toBe(hint);
  });

  test('a number that is written otherwise than it reads', () => {
    const written = { kind: 'scalar', place, value: 7, plain: true, written: '007' } as const;
    expect(valueHint(asSchema(Type.String()), written)).toBe('in quotes it is a string: "007"');
  });
});
