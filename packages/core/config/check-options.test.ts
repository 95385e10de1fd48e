import { Type, type TSchema } from '@sinclair/typebox';
import { describe, expect, test } from '@jest/globals';
import { asSchema } from '../component/schema.ts';
import { reference } from '../component/kind.ts';
import { Checker } from './check-options.ts';
import { Findings } from './findings.ts';
import { ABSENT, FAILED } from './resolve-node.ts';
import { Source } from './source.ts';
import { parseYaml } from './yaml.ts';
import './testing/fake-components.ts';

/** What becomes of a YAML text where this is allowed. */
function check(schema: TSchema, text: string, env: NodeJS.ProcessEnv = {}) {
  const findings = new Findings();
  const source = new Source('a.yaml', text, '/folder');
  const node = parseYaml(source, findings)!;
  const checker = new Checker(env, '/cwd', findings);
  const value = checker.value(asSchema(schema), node, { path: 'x', place: node.place });
  const problems = findings.all.map(({ message, found, allowed, hint }) => ({ message, found, allowed, hint }));
  return { value, problems, references: checker.references.map(({ text: name }) => name) };
}

const value = (schema: TSchema, text: string, env?: NodeJS.ProcessEnv) => {
  const { value: read, problems } = check(schema, text, env);
  expect(problems).toEqual([]);
  return read;
};
const problem = (schema: TSchema, text: string) => {
  const { value: read, problems } = check(schema, text);
  expect(read).toBe(FAILED);
  expect(problems).toHaveLength(1);
  return problems[0];
};

describe('a record', () => {
  const counts = Type.Record(Type.String({ pattern: '^[a-z]+$' }), Type.Integer({ minimum: 1 }));

  test('keeps what is there, and nothing of what is empty', () => {
    expect(value(counts, '{a: 1, b: null, c: "${env:C:-}", d: "${env:D}"}', { D: '2' })).toEqual({ a: 1, d: 2 });
    expect(value(counts, '{}')).toEqual({});
  });

  test('says which key and which value are wrong', () => {
    expect(problem(counts, '{a: 1, B: 1}')).toEqual({
      message: 'x: a key has an invalid format',
      found: 'B',
      allowed: '/^[a-z]+$/',
      hint: undefined,
    });
    expect(problem(counts, '{a: 1, b: 0}')).toMatchObject({ message: 'x.b is out of range', found: '0' });
    expect(problem(counts, '[1]')).toMatchObject({ message: 'x has the wrong type', found: '[1]' });
    expect(problem(Type.Record(Type.String(), Type.Integer(), { minProperties: 2 }), '{a: 1}')).toMatchObject({
      message: 'x has too few items',
      found: '{a: 1}',
    });
  });
});

describe('a union', () => {
  const small = Type.Integer({ minimum: 10 });
  const large = Type.Number({ maximum: 0 });

  test('is what the first member makes of it that takes it', () => {
    const list = Type.Array(Type.Integer());
    expect(value(Type.Union([small, list]), '[1, 2]')).toEqual([1, 2]);
    expect(value(Type.Union([small, large]), '-3')).toBe(-3);
    expect(value(Type.Union([small, large]), '12')).toBe(12);
  });

  test('says what the only member of its form says, and no more than the form where there are several or none', () => {
    const only = Type.Union([small, Type.Boolean()]);
    expect(problem(only, '3')).toMatchObject({ message: 'x is out of range', allowed: 'an integer of at least 10' });
    for (const text of ['5', 'five']) {
      expect(problem(Type.Union([small, large]), text)).toMatchObject({
        message: 'x has the wrong type',
        allowed: 'an integer of at least 10, or a number of at most 0',
      });
    }
  });

  test('has the references of the member that takes it alone', () => {
    const first = Type.Object({ data: reference('data'), size: Type.Integer() });
    const second = Type.Object({ data: reference('data'), name: Type.String() });
    const { references, problems } = check(Type.Union([first, second]), '{data: train, name: a}');
    expect([references, problems]).toEqual([['train'], []]);
    expect(
      check(Type.Array(Type.Union([first, second])), '[{data: a, size: 1}, {data: b, name: x}]').references,
    ).toEqual(['a', 'b']);
  });
});

describe('a list', () => {
  const texts = Type.Array(Type.String(), { minItems: 1 });

  test('leaves out the items that are empty variables, and counts the others', () => {
    expect(value(texts, '["${env:A:-}", b, "${env:C}"]', { C: 'c' })).toEqual(['b', 'c']);
    expect(problem(texts, '["${env:A:-}"]')).toMatchObject({ message: 'x has too few items', found: '[]' });
    expect(problem(Type.Array(Type.Integer(), { uniqueItems: true }), '[4, 5, 4]')).toMatchObject({
      message: 'x has the same item twice (1 and 3)',
    });
  });

  test('names the item that is wrong, by its place from 0', () => {
    expect(problem(Type.Tuple([Type.Integer(), Type.String()]), '[1, 2]')).toEqual({
      message: 'x[1] has the wrong type',
      found: '2',
      allowed: 'a string',
      hint: 'in quotes it is a string: "2"',
    });
  });
});

describe('a choice', () => {
  const counts = Type.Union([Type.Literal(1000), Type.Literal('auto'), Type.Literal('all')]);

  test('of numbers takes them as users write them', () => {
    expect([value(counts, '1_000'), value(counts, '1e3'), value(counts, 'auto')]).toEqual([1000, 1000, 'auto']);
    expect(problem(counts, '"1_000"')).toMatchObject({ found: '"1_000"' });
  });

  test('that is none names them all, and what is near', () => {
    expect(problem(counts, 'aut')).toEqual({
      message: 'x is none of its choices',
      found: '"aut"',
      allowed: '1000, auto, all',
      hint: 'did you mean "auto"?',
    });
    expect(problem(counts, '1001')!.hint).toBeUndefined();
    expect(problem(counts, '[auto]')).toMatchObject({ found: '[auto]', hint: undefined });
    expect(problem(Type.Union([Type.Literal('1000'), Type.Literal('b')]), '1_000')).toMatchObject({ found: '"1_000"' });
  });
});

test('numbers are exact up to 2^53 - 1', () => {
  expect(value(Type.Integer(), '9007199254740991')).toBe(9007199254740991);
  expect(problem(Type.Integer(), '9007199254740992')).toEqual({
    message: 'x is too large to be exact',
    found: '9007199254740992',
    allowed: 'at most 9007199254740991',
    hint: undefined,
  });
  expect(value(Type.Number(), '9007199254740992')).toBe(2 ** 53);
});

test('what may be anything stays what it is; an empty variable is nothing', () => {
  expect(value(Type.Unknown(), '{a: [1, {b: null}], c: "d"}')).toEqual({ a: [1, { b: null }], c: 'd' });
  expect(value(Type.String(), '"${env:A:-}"')).toBe(ABSENT);
});
