import { expect, test } from '@jest/globals';
import { Type, type Static } from '@sinclair/typebox';
import { Kind, reference } from './kind.ts';
import type { Option } from './written-options.ts';

interface Facts {
  readonly source: string;
  readonly count: Option<number | undefined>;
}

const asked = new Kind<object, Facts>('asked');
const parts = new Kind<object>('part');
const silent = new Kind<object, { readonly loud?: boolean }>('silent', { facts: {} });

class Made {
  constructor(readonly options: object) {}
}
const context = {} as ClassDecoratorContext;

const Options = Type.Object({
  from: reference<Date>('data'),
  parts: Type.Array(parts.option()),
  batch: Type.Optional(Type.Object({ size: Type.Integer() })),
});

asked.component({
  type: 'answers',
  description: 'says what its options are about',
  options: Options,
  about: ({ from, parts: all }, option) => ({
    source: `${from.toUpperCase()} ${all.map(({ type }) => type).join()}`,
    count: option('batch.size'),
  }),
})(Made, context);

test('a component answers by its options as they are written: entries by name, components by type', () => {
  const spec = { type: 'answers', from: 'train', parts: [{ type: 'a' }, { type: 'b' }], batch: { size: 4 } };
  expect(asked.about(spec)).toEqual({ source: 'TRAIN a,b', count: { name: 'batch.size', value: 4 } });
  const without = { type: 'answers', from: 'train', parts: [] };
  expect(asked.about(without).count).toEqual({ name: 'batch.size', value: undefined });
  // What the constructor gets of the same schema.
  const given: Static<typeof Options> = { from: new Date(0), parts: [{}] };
  expect(given.from.getTime()).toBe(0);
});

test('where a kind has an answer for those that say nothing, they need not', () => {
  silent.component({ type: 'quiet', description: 'says nothing', options: Type.Object({}) })(Made, context);
  expect(silent.about({ type: 'quiet' })).toEqual({});
});

test('the compiler refuses a component that does not answer, or that names an option which it has not', () => {
  // @ts-expect-error -- `about` is missing
  asked.component({ type: 'mute', description: 'does not answer', options: Type.Object({}) })(Made, context);
  expect(() => asked.about({ type: 'mute' })).toThrow('The asked "mute" answers nothing (`about`).');
  asked.component({
    type: 'mistaken',
    description: 'names an option that it has not',
    options: Type.Object({ size: Type.Integer() }),
    // @ts-expect-error -- there is no option `sice`
    about: (_, option) => ({ source: '', count: option('sice') }),
  })(Made, context);
  asked.component({
    type: 'partial',
    description: 'leaves a question out',
    options: Type.Object({ size: Type.Integer() }),
    // @ts-expect-error -- `count` is missing
    about: () => ({ source: '' }),
  })(Made, context);
});
