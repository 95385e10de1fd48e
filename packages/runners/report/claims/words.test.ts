import { describe, expect, test } from '@jest/globals';
import type { Column } from '@dualprior/blocks';
import type { Comparison, Judgement } from './judge.ts';
import { comparisonText, judgementLine, needText, tightest, why } from './words.ts';

const COLUMNS: readonly Column[] = [
  { name: 'psnr', better: 'higher', digits: 2 },
  { name: 'kid', better: 'lower', digits: 4 },
];

function comparison(change: Partial<Comparison> = {}): Comparison {
  return {
    ...{ column: 'psnr', method: 'Ours', other: 'A', relation: 'better', by: 0, tooFew: false, verdict: 'holds' },
    lead: { value: 1, interval: [0.5, 1.5] },
    ...change,
  };
}

function judgement(change: Partial<Judgement>): Judgement {
  const claim = { text: 'Ours is best', methods: ['Ours'], against: ['A'], conditions: [] };
  return { name: 'C1', claim, verdict: 'not decided', lacks: [], comparisons: [], ...change };
}

describe('what a claim needs', () => {
  test.each([
    ['better', 0, 'must be better'],
    ['worse', 0, 'must be worse'],
    ['better', 3, 'must be better by 3.00'],
    ['worse', 3, 'must be worse by 3.00'],
    ['better', -1.5, 'may be worse by 1.50'],
    ['worse', -1.5, 'may be better by 1.50'],
  ] as const)('%s by %d', (relation, by, text) => {
    expect(needText(comparison({ relation, by }), COLUMNS)).toBe(text);
  });

  test('is shown with the digits of its column', () => {
    expect(needText(comparison({ column: 'kid', by: 0.001 }), COLUMNS)).toBe('must be better by 0.0010');
  });
});

describe('a comparison in words', () => {
  test('equal values are better by nothing', () => {
    const equal = comparison({ lead: { value: 0, interval: [0, 0] } });
    expect(comparisonText(equal, COLUMNS)).toBe('Ours is 0.00 better than A in psnr [95 % interval 0.00 to 0.00]');
  });

  test('nothing has no sign, and what is worse has one', () => {
    const nearly = comparison({ lead: { value: 0.2, interval: [-0.004, 0.4] } });
    expect(comparisonText(nearly, COLUMNS)).toContain('[95 % interval 0.00 to 0.40]');
    const worse = comparison({ lead: { value: 0.2, interval: [-0.005, 0.4] } });
    expect(comparisonText(worse, COLUMNS)).toContain('[95 % interval −0.01 to 0.40]');
  });

  test('says that a value is unknown, and that images are too few', () => {
    const unknown = comparison({ lead: undefined });
    expect(comparisonText(unknown, COLUMNS)).toBe('Ours cannot be compared with A in psnr');
    expect(comparisonText({ ...unknown, tooFew: true }, COLUMNS)).toBe(
      'Ours cannot be compared with A in psnr (too few images to decide)',
    );
  });
});

describe('the tightest comparison of a column', () => {
  const at = (other: string, low: number, high: number, change: Partial<Comparison> = {}) =>
    comparison({ other, lead: { value: (low + high) / 2, interval: [low, high] }, ...change });
  const others = (...comparisons: Comparison[]) =>
    tightest(comparisons, COLUMNS)
      .split('; ')
      .map((text) => /(?:than|with) (\w+)/.exec(text)![1]);

  test('is that whose interval reaches nearest to the threshold', () => {
    expect(others(at('A', 0.5, 9), at('B', 1, 2))).toEqual(['A']);
    expect(others(at('A', 1, 2), at('B', 0.5, 9))).toEqual(['B']);
    expect(others(at('A', 3, 4, { by: 1 }), at('B', 2.5, 4, { by: 0 }))).toEqual(['A']);
    expect(others(at('A', -4, -1, { relation: 'worse' }), at('B', -2, -1.5, { relation: 'worse' }))).toEqual(['A']);
  });

  test('is the first of two that are equally near', () => {
    expect(others(at('A', 1, 2), at('B', 1, 3))).toEqual(['A']);
  });

  test('is one that does not hold before one that is not decided, however far that reaches', () => {
    const failed = at('A', -1, -0.5, { verdict: 'does not hold' });
    const open = at('B', -5, 5, { verdict: 'not decided' });
    const held = at('C', -9, 9, { verdict: 'holds' });
    expect(others(open, failed)).toEqual(['A']);
    expect(others(failed, open)).toEqual(['A']);
    expect(others(held, open)).toEqual(['B']);
    expect(others(open, held)).toEqual(['B']);
  });

  test('is one without a value before one with any', () => {
    const open = at('A', -5, 5, { verdict: 'not decided' });
    const unknown = comparison({ other: 'B', lead: undefined, verdict: 'not decided' });
    expect(others(open, unknown)).toEqual(['B']);
    expect(others(unknown, open)).toEqual(['B']);
  });

  test('goes by the value where there is no interval', () => {
    const value = (other: string, lead: number) => comparison({ other, lead: { value: lead, interval: undefined } });
    expect(others(value('A', 2), value('B', 1))).toEqual(['B']);
    expect(others(value('A', 1), value('B', 2))).toEqual(['A']);
  });

  test('is shown for each column', () => {
    expect(others(at('A', 1, 2), at('B', 1, 2, { column: 'kid' }))).toEqual(['A', 'B']);
  });
});

describe('why a claim is not decided', () => {
  test.each([
    ['a value is missing', [comparison({ lead: undefined, verdict: 'not decided' })], ' (a value is missing)'],
    ['an interval holds the threshold', [comparison({ verdict: 'not decided' })], ' (too few images)'],
    ['all columns are of too few images', [comparison({ tooFew: true, lead: undefined })], ' (too few images)'],
    [
      'one of two columns is not decided',
      [comparison(), comparison({ column: 'kid', verdict: 'not decided' })],
      ' (too few images)',
    ],
    [
      'columns disagree',
      [comparison(), comparison({ column: 'kid', verdict: 'does not hold' })],
      ' (its metrics disagree)',
    ],
    [
      'a value of too few images is missing, but others disagree',
      [comparison(), comparison({ column: 'kid', tooFew: true, lead: undefined, verdict: 'not decided' })],
      ' (its metrics disagree)',
    ],
  ])('%s', (_, comparisons, text) => {
    expect(why(judgement({ comparisons }))).toBe(text);
  });

  test('is not shown for one that is decided, nor where the table lacks something', () => {
    expect(why(judgement({ verdict: 'holds', comparisons: [comparison()] }))).toBe('');
    expect(why(judgement({ lacks: ['no row A'] }))).toBe('');
  });
});

test('a line without comparisons ends with what the table lacks', () => {
  expect(judgementLine(judgement({ lacks: ['no row A', 'no column fid or kid'] }), COLUMNS)).toBe(
    'C1 is not decided: "Ours is best". The table has no row A and no column fid or kid.',
  );
});
