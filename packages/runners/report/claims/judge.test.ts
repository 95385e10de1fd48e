import { describe, expect, test } from '@jest/globals';
import type { Column } from '@dualprior/blocks';
import type { Claim } from './claim.ts';
import { judge, type Evidence } from './judge.ts';
import { judgementLine } from './words.ts';

const COLUMNS: readonly Column[] = [
  { name: 'psnr', better: 'higher', digits: 2 },
  { name: 'fid', better: 'lower', digits: 2 },
  { name: 'kid', better: 'lower', digits: 4 },
];

/** Leads of `Ours` over others, with the half width of their intervals. */
function evidence(
  leads: Readonly<Record<string, readonly [value: number, half?: number]>>,
  columns = COLUMNS,
  tooFew: readonly string[] = [],
): Evidence {
  return {
    methods: ['input', 'Ours', 'A', 'B'],
    columns,
    tooFew,
    lead: ({ name }, method, other) => {
      const found = leads[`${name} ${method} ${other}`];
      if (!found) return undefined;
      const [value, half] = found;
      return { value, interval: half === undefined ? undefined : [value - half, value + half] };
    },
  };
}

function claim(change: Partial<Claim> = {}): Claim {
  return {
    text: 'Ours is far above',
    methods: ['Ours'],
    against: ['A', 'B'],
    conditions: [{ metric: 'psnr', beside: [], relation: 'better', by: 3 }],
    ...change,
  };
}

const verdict = (asked: Claim, found: Evidence) => judge('C', asked, found).verdict;

describe('a claim', () => {
  test('holds only if every comparison does with its whole interval', () => {
    expect(verdict(claim(), evidence({ 'psnr Ours A': [4, 0.5], 'psnr Ours B': [3.6, 0.5] }))).toBe('holds');
    expect(verdict(claim(), evidence({ 'psnr Ours A': [4, 0.5], 'psnr Ours B': [3.4, 0.5] }))).toBe('not decided');
    expect(verdict(claim(), evidence({ 'psnr Ours A': [4, 0.5], 'psnr Ours B': [2.4, 0.5] }))).toBe('does not hold');
    expect(verdict(claim(), evidence({ 'psnr Ours A': [4, 0.5] }))).toBe('not decided');
  });

  test('by at least so much holds at just so much; without a margin it must be more, not equal', () => {
    const by = (margin: number, relation: 'better' | 'worse' = 'better') =>
      claim({ against: ['A'], conditions: [{ metric: 'psnr', beside: [], relation, by: margin }] });
    expect(verdict(by(3), evidence({ 'psnr Ours A': [3.5, 0.5] }))).toBe('holds');
    expect(verdict(by(3), evidence({ 'psnr Ours A': [3.4375, 0.5] }))).toBe('not decided');
    expect(verdict(by(3), evidence({ 'psnr Ours A': [2.5, 0.5] }))).toBe('not decided');
    expect(verdict(by(3), evidence({ 'psnr Ours A': [2.4375, 0.5] }))).toBe('does not hold');
    expect(verdict(by(-1.5), evidence({ 'psnr Ours A': [-1, 0.5] }))).toBe('holds');
    expect(verdict(by(0), evidence({ 'psnr Ours A': [0.5, 0.5] }))).toBe('not decided');
    expect(verdict(by(0), evidence({ 'psnr Ours A': [0.5625, 0.5] }))).toBe('holds');
    expect(verdict(by(0), evidence({ 'psnr Ours A': [-0.5, 0.5] }))).toBe('not decided');
    expect(verdict(by(0), evidence({ 'psnr Ours A': [-0.5625, 0.5] }))).toBe('does not hold');
    expect(verdict(by(0, 'worse'), evidence({ 'psnr Ours A': [-0.5, 0.5] }))).toBe('not decided');
    expect(verdict(by(3, 'worse'), evidence({ 'psnr Ours A': [-3.5, 0.5] }))).toBe('holds');
  });

  test('that allows to be a little worse', () => {
    const close = claim({ against: ['A'], conditions: [{ metric: 'psnr', beside: [], relation: 'better', by: -1.5 }] });
    expect(verdict(close, evidence({ 'psnr Ours A': [-1.11, 0.1] }))).toBe('holds');
    expect(verdict(close, evidence({ 'psnr Ours A': [-1.45, 0.1] }))).toBe('not decided');
    expect(verdict(close, evidence({ 'psnr Ours A': [-2, 0.1] }))).toBe('does not hold');
  });

  test('that methods are worse', () => {
    const worse = claim({ against: ['A'], conditions: [{ metric: 'psnr', beside: [], relation: 'worse', by: 0 }] });
    expect(verdict(worse, evidence({ 'psnr Ours A': [-1, 0.5] }))).toBe('holds');
    expect(verdict(worse, evidence({ 'psnr Ours A': [1, 0.5] }))).toBe('does not hold');
    expect(verdict(worse, evidence({ 'psnr Ours A': [-0.3, 0.5] }))).toBe('not decided');
  });

  test('of the lowest: equal is not lower', () => {
    const lowest = claim({ against: ['A'], conditions: [{ metric: 'fid', beside: [], relation: 'better', by: 0 }] });
    expect(verdict(lowest, evidence({ 'fid Ours A': [0, 0] }))).toBe('does not hold');
    expect(verdict(lowest, evidence({ 'fid Ours A': [0.1, 0] }))).toBe('holds');
  });

  test('is not decided by values without an interval', () => {
    const judged = judge('C3', claim({ against: ['A'] }), evidence({ 'psnr Ours A': [4] }));
    expect(judgementLine(judged, COLUMNS)).toBe(
      'C3 is not decided (too few images): "Ours is far above". Ours is 4.00 better than A in psnr [no interval].',
    );
  });

  test('is not decided by a column that so few images put far off, but that can contradict', () => {
    const lowest = claim({
      against: ['A'],
      conditions: [{ metric: 'fid', beside: ['kid'], relation: 'better', by: 0 }],
    });
    const line = (fid: readonly [number, number], columns = COLUMNS) => {
      const found = evidence({ 'fid Ours A': fid, 'kid Ours A': [1, 0.5] }, columns, ['fid']);
      return judgementLine(judge('C1', lowest, found), columns);
    };
    expect(line([-0.1, 0.5])).toBe(
      'C1 holds: "Ours is far above". Ours is 0.10 worse than A in fid [95 % interval −0.40 to 0.60] (too few images to decide); ' +
        'Ours is 1.0000 better than A in kid [95 % interval 0.5000 to 1.5000].',
    );
    expect(line([1, 0.5])).toMatch(/^C1 holds: /);
    expect(line([-1, 0.5])).toMatch(/^C1 is not decided \(its metrics disagree\): /);
    expect(line([1, 0.5], COLUMNS.slice(0, 2))).toMatch(/^C1 is not decided \(too few images\): /);
  });

  test('is not decided where columns that stand for one thing disagree', () => {
    const lowest = claim({
      against: ['A'],
      conditions: [{ metric: 'fid', beside: ['kid'], relation: 'better', by: 0 }],
    });
    expect(verdict(lowest, evidence({ 'fid Ours A': [1, 0.5], 'kid Ours A': [1, 0.5] }))).toBe('holds');
    const disagreeing = evidence({ 'fid Ours A': [1, 0.5], 'kid Ours A': [-1, 0.5] });
    expect(verdict(lowest, disagreeing)).toBe('not decided');
    expect(judgementLine(judge('C1', lowest, disagreeing), COLUMNS)).toMatch(
      /^C1 is not decided \(its metrics disagree\): /,
    );
    const withoutFid = evidence({ 'kid Ours A': [-1, 0.5] }, [COLUMNS[2]!]);
    expect(verdict(lowest, withoutFid)).toBe('does not hold');
  });

  test('is not decided where they disagree about one of several others, however clear the rest is', () => {
    const both = claim({ conditions: [{ metric: 'fid', beside: ['kid'], relation: 'better', by: 0 }] });
    const clear = { 'fid Ours B': [1, 0.5], 'kid Ours B': [1, 0.5] } as const;
    expect(verdict(both, evidence({ ...clear, 'fid Ours A': [1, 0.5], 'kid Ours A': [-1, 0.5] }))).toBe('not decided');
    expect(verdict(both, evidence({ ...clear, 'fid Ours A': [1, 0.5], 'kid Ours A': [1, 0.5] }))).toBe('holds');
  });

  test('about what the table lacks is not decided, and says what', () => {
    const lacking = judge('C1', claim({ against: ['A', 'GPEN'] }), evidence({ 'psnr Ours A': [4, 0.5] }));
    expect(lacking).toMatchObject({ verdict: 'not decided', lacks: ['no row GPEN'] });
    expect(judgementLine(lacking, COLUMNS)).toContain('The table has no row GPEN.');
    const failing = judge('C1', claim({ against: ['A', 'GPEN'] }), evidence({ 'psnr Ours A': [1, 0.5] }));
    expect(failing.verdict).toBe('does not hold');
    const column = claim({ conditions: [{ metric: 'ssim', beside: [], relation: 'better', by: 0 }] });
    expect(judge('C1', column, evidence({}))).toMatchObject({ verdict: 'not decided', lacks: ['no column ssim'] });
    const columns = claim({ conditions: [{ metric: 'ssim', beside: ['lpips'], relation: 'better', by: 0 }] });
    expect(judge('C1', columns, evidence({})).lacks).toEqual(['no column ssim or lpips']);
    const twice = claim({ methods: ['GPEN'], against: ['A', 'GPEN'] });
    expect(judge('C1', twice, evidence({}))).toMatchObject({ lacks: ['no row GPEN'], comparisons: [] });
  });

  test('compares each method with each other one, never with itself', () => {
    const asked = claim({ methods: ['Ours', 'A'], against: ['A', 'B'] });
    const { comparisons } = judge('C', asked, evidence({}));
    expect(comparisons.map(({ method, other }) => [method, other])).toEqual([
      ['Ours', 'A'],
      ['Ours', 'B'],
      ['A', 'B'],
    ]);
    const alone = claim({ methods: ['Ours'], against: ['Ours'] });
    expect(judge('C', alone, evidence({}))).toMatchObject({ verdict: 'not decided', lacks: [], comparisons: [] });
  });

  test('with several columns is decided only if none of them is open', () => {
    const both = claim({ against: ['A'], conditions: [{ metric: 'fid', beside: ['kid'], relation: 'better', by: 0 }] });
    const found = (fid: readonly [number, number], kid: readonly [number, number], tooFew: readonly string[] = []) =>
      judge('C', both, evidence({ 'fid Ours A': fid, 'kid Ours A': kid }, COLUMNS, tooFew));
    expect(found([1, 0.5], [0, 0.5]).verdict).toBe('not decided');
    expect(found([0, 0.5], [1, 0.5]).verdict).toBe('not decided');
    expect(found([-1, 0.5], [-1, 0.5]).verdict).toBe('does not hold');
    expect(found([0, 0.5], [0, 0.5], ['fid', 'kid']).verdict).toBe('not decided');
    expect(found([1, 0.5], [1, 0.5], ['fid', 'kid']).verdict).toBe('not decided');
    expect(found([1, 0.5], [0, 0.5]).comparisons.map(({ column }) => column)).toEqual(['fid', 'kid']);
  });

  test('of several conditions holds only if all do', () => {
    const condition = (metric: string) => ({ metric, beside: [], relation: 'better' as const, by: 0 });
    const both = claim({ against: ['A'], conditions: [condition('psnr'), condition('kid')] });
    const found = (psnr: number, kid: number) =>
      verdict(both, evidence({ 'psnr Ours A': [psnr, 0.5], 'kid Ours A': [kid, 0.5] }));
    expect([found(1, 1), found(1, 0), found(1, -1), found(0, -1)]).toEqual([
      'holds',
      'not decided',
      'does not hold',
      'does not hold',
    ]);
  });

  test('is described in one line with the numbers nearest to failing', () => {
    const judged = judge(
      'C3',
      claim({ paper: '+5.4 dB' }),
      evidence({ 'psnr Ours A': [4, 0.5], 'psnr Ours B': [5, 1] }),
    );
    expect(judgementLine(judged, COLUMNS)).toBe(
      'C3 holds: "Ours is far above" (paper: +5.4 dB). Ours is 4.00 better than A in psnr [95 % interval 3.50 to 4.50].',
    );
    const uneven = evidence({ 'psnr Ours A': [3.6, 0.1], 'psnr Ours B': [4, 2] });
    expect(judgementLine(judge('C3', claim(), uneven), COLUMNS)).toMatch(
      / Ours is 4\.00 better than B in psnr [^;]*\.$/,
    );
    const few = judge('C3', claim({ against: ['A'] }), evidence({ 'psnr Ours A': [3, 0.5] }));
    expect(judgementLine(few, COLUMNS)).toMatch(/^C3 is not decided \(too few images\): /);
  });
});
