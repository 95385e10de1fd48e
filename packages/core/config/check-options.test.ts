import { Type, type TSchema } from '@sinclair/typebox';
import { describe, expect, test } from '@jest/globals';
import { asSchema } from '../component/schema.ts';
import { catalogue } from '../component/catalogue.ts';
import { Kind, reference } from '../component/kind.ts';
import { addressOption, moduleOption } from '../component/path-option.ts';
import { publishedWeights } from '../component/published-weights.ts';
import { weightsFileOption } from '../component/weights-option.ts';
import { UserError } from '../errors/user-error.ts';
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

  test('of numbers only takes them so too', () => {
    expect(value(Type.Union([Type.Literal(1000), Type.Literal(2000)]), '2_000')).toBe(2000);
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

describe('an option that there is not', () => {
  const component = (kind: string) => new Kind(kind).option();

  test('may stand in a map, or in a component that is there or would be by default', () => {
    const stage = (option: string) => {
      const { problems } = check(
        component('stage'),
        `{type: regression, network: n, data: d, iterations: 1, ${option}: 1}`,
      );
      return problems.map(({ hint }) => hint);
    };
    expect(stage('szie')).toEqual(['did you mean "batch.size"?']);
    expect(stage('learningrate')).toEqual(['did you mean "optimizer.learningRate"?']);
    expect(stage('epsilon')).toEqual([undefined]);
    const blur = (text: string) => check(component('degradation'), `{type: motion-blur, ${text}}`).problems[0]!.hint;
    expect(blur('kernels: {type: camera-shake}, cuont: 3')).toBe('did you mean "kernels.count"?');
    expect(blur('cuont: 3')).toBeUndefined();
  });

  test('of a component that has none', () => {
    expect(problem(component('loss'), '{type: psnr, weight: 3}')).toEqual({
      message: 'x: loss psnr has no option "weight"',
      found: 'weight',
      allowed: 'it has no options',
      hint: undefined,
    });
  });
});

test('a component of which there is no type', () => {
  const gadget = new Kind('gadget').option();
  const allowed = 'there is no gadget in this program';
  expect(problem(gadget, '3')).toMatchObject({ message: 'x is not a gadget', found: '3', allowed });
  expect(problem(gadget, '{}')).toMatchObject({ message: 'x has no type: which gadget?', allowed });
  expect(problem(gadget, '{type: "${env:NO:-}"}')).toMatchObject({ message: 'x has no type: which gadget?', allowed });
  expect(problem(gadget, '{type: a}')).toMatchObject({ found: '"a"', allowed });
  expect(problem(new Kind('loss').option(), '{type: [a]}')).toMatchObject({
    message: 'x.type: there is no loss of this type',
    found: '[a]',
    allowed: 'charbonnier, psnr',
    hint: undefined,
  });
});

describe('a component whose type an option tells', () => {
  const wheels = new Kind<object>('wheel');
  wheels.component({
    type: 'gear',
    description: 'a wheel with teeth',
    options: Type.Object({
      from: Type.Optional(Type.String()),
      teeth: Type.Integer(),
      of: Type.String({ default: 'iron' }),
    }),
  })(
    class Gear {
      readonly round = true;
    },
    {} as ClassDecoratorContext,
  );
  catalogue.inferTypes('wheel', {
    option: 'from',
    infer: (from) => {
      if (from === 'bug') throw new TypeError('a bug');
      if (from === 'broken') throw new UserError('it is broken');
      return from === 'clock' ? { type: 'gear', teeth: 60, of: 'brass' } : undefined;
    },
  });
  const wheel = wheels.option();

  test('has that type and those options, but its own come first', () => {
    expect(value(wheel, '{from: clock}')).toEqual({ type: 'gear', from: 'clock', teeth: 60, of: 'brass' });
    expect(value(wheel, '{from: "${env:F}", teeth: 12}', { F: 'clock' })).toMatchObject({ teeth: 12, of: 'brass' });
    expect(value(wheel, '{type: gear, from: clock, teeth: 5}')).toMatchObject({ teeth: 5, of: 'iron' });
  });

  test('needs a type where the option tells nothing', () => {
    for (const text of ['{from: attic}', '{from: null}', '{from: "${env:F:-}"}', '{teeth: 3}']) {
      expect(problem(wheel, text)).toMatchObject({ message: 'x has no type: which wheel?', allowed: 'type: gear' });
    }
  });

  test('says what is wrong with the option', () => {
    expect(problem(wheel, '{from: broken}')).toMatchObject({ message: 'x: it is broken' });
    expect(problem(wheel, '{from: [1]}')).toMatchObject({ message: 'x.from has the wrong type' });
    expect(() => check(wheel, '{from: bug}')).toThrow(TypeError);
  });
});

test('an address is checked without its credentials, which messages do not show', () => {
  const address = addressOption({ pattern: '^http' });
  expect(value(address, 'http://me:secret@host/x')).toBe('http://host/x');
  expect(value(address, 'http://host/x')).toBe('http://host/x');
  expect(problem(address, 'ftp://me:secret@host')).toMatchObject({
    message: 'x has an invalid format',
    found: '"ftp://host"',
  });
  expect(problem(address, 'http://me:50%@host')!.message).toMatch(/^x: the credentials .* not percent-encoded/);
  expect(problem(address, '3')).toMatchObject({ message: 'x has the wrong type', found: '3' });
});

test('a module that is not there', () => {
  expect(problem(moduleOption(), './mine.ts')).toMatchObject({
    message: 'x: there is no file /folder/mine.ts',
    found: './mine.ts',
  });
  expect(problem(moduleOption(), '3')).toMatchObject({ message: 'x has the wrong type', found: '3' });
});

test('published weights are their file in the cache; what is neither these nor a file is a mistake', () => {
  const rest = { description: '', page: '', licence: '' };
  publishedWeights.add({ name: 'vgg', file: 'vgg16.pth', ...rest }, { name: 'arc', file: 'arc.pth', ...rest });
  const weights = weightsFileOption();
  expect(value(weights, 'vgg', { DUALPRIOR_CACHE: '/cache' })).toMatch(/weights\/vgg16\.pth$/);
  expect(value(weights, '"${env:W}"', { W: 'vgg' })).toMatch(/weights\/vgg16\.pth$/);
  expect(value(weights, 'none.pth')).toBe('/folder/none.pth');
  expect(value(weights, '"${env:W}/x"', { W: 'sub' })).toBe('/cwd/sub/x');
  expect(value(weights, '~/a.pth')).toBe(`${process.env['HOME']}/a.pth`);
  expect(value(weights, 'a/~/b.pth')).toBe('/folder/a/~/b.pth');
  expect(problem(weights, 'vgh')).toEqual({
    message: 'there are no published weights "vgh", and no file of this name',
    found: 'vgh',
    allowed: 'a file, arc, vgg',
    hint: 'did you mean "vgg"?',
  });
  expect(problem(weights, '""')).toMatchObject({ message: 'x is empty' });
});

describe('a variable', () => {
  test.each<[string, TSchema, string, unknown]>([
    ['a text, whatever it looks like', Type.String(), '[1]', '[1]'],
    ['a number', Type.Number(), '1e-3', 1e-3],
    ['digits in groups', Type.Integer(), '1_000', 1000],
    ['a choice that looks like a number', Type.Union([Type.Literal('1'), Type.Literal('2')]), '1', '1'],
    ['a choice of numbers', Type.Union([Type.Literal(1), Type.Literal(2)]), '2', 2],
    [
      'the member of a union that has its form',
      Type.Union([Type.Boolean(), Type.Array(Type.Integer())]),
      '[1, 2]',
      [1, 2],
    ],
    ['a text where a union has it first', Type.Union([Type.String(), Type.Integer()]), '1', '1'],
    ['what is no YAML as a text', Type.Unknown(), '[1', '[1'],
    ['null as a text', Type.Unknown(), 'null', 'null'],
    ['a comment as a text', Type.Unknown(), '# x', '# x'],
  ])('is %s', (_, schema, text, expected) => {
    expect(value(schema, '"${env:V}"', { V: text })).toEqual(expected);
  });
});
