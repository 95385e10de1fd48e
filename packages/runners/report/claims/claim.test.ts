import { expect, test } from '@jest/globals';
import { Value } from '@sinclair/typebox/value';
import { Claim } from './claim.ts';

const condition = { metric: 'fid', beside: ['kid'], relation: 'worse', by: 1 };
const claim = { text: 'Ours', paper: '9.59', methods: ['Ours'], against: ['A'], conditions: [condition] };

test('a claim has a text, methods, others and conditions', () => {
  expect(Value.Check(Claim, claim)).toBe(true);
  const without = { text: 'Ours', methods: ['Ours'], against: ['A'], conditions: [condition] };
  expect(Value.Check(Claim, without)).toBe(true);
});

test('a condition is that methods are better, by any margin, if it says no more than the metric', () => {
  const short = { ...claim, conditions: [{ metric: 'fid' }] };
  expect(Value.Default(Claim, short)).toEqual({
    ...claim,
    conditions: [{ metric: 'fid', beside: [], relation: 'better', by: 0 }],
  });
});

test.each([
  ['an empty text', { text: '' }],
  ['an empty figure of the paper', { paper: '' }],
  ['no methods', { methods: [] }],
  ['methods that are no names', { methods: [1] }],
  ['nothing to compare with', { against: [] }],
  ['others that are no names', { against: [1] }],
  ['no condition', { conditions: [] }],
  ['a field of another name', { note: 'x' }],
  ['a condition without a metric', { conditions: [{ beside: [], relation: 'better', by: 0 }] }],
  ['a metric without a name', { conditions: [{ ...condition, metric: '' }] }],
  ['a column without a name', { conditions: [{ ...condition, beside: [''] }] }],
  ['another relation', { conditions: [{ ...condition, relation: 'equal' }] }],
  ['a margin that is no number', { conditions: [{ ...condition, by: '1' }] }],
  ['a field of a condition of another name', { conditions: [{ ...condition, note: 'x' }] }],
])('a claim with %s is none', (_, change) => {
  expect(Value.Check(Claim, { ...claim, ...change })).toBe(false);
});
