import { expect, test } from '@jest/globals';
import { Intervals } from '../../evaluation/intervals.ts';
import type { Results } from '../../evaluation/results.ts';
import type { Claim } from '../claims/claim.ts';
import { judge } from '../claims/judge.ts';
import { judgementLine } from '../claims/words.ts';
import { evidenceOf } from './evidence.ts';

const COLUMNS = [
  { name: 'psnr', better: 'higher', digits: 2 },
  { name: 'lpips', better: 'lower', digits: 2 },
] as const;

/** Ours has 2 dB more than NAFNet and an LPIPS that is 0.1 lower, of each image. */
const OURS = { psnr: 30, lpips: 0.25 };
const NAFNET = { psnr: 28, lpips: 0.35 };
const IMAGES = 12;

function evidence(exact: number) {
  const values = ({ psnr, lpips }: typeof OURS, infinite: number) => ({
    names: Array.from({ length: IMAGES }, (_, i) => `${i}.png`),
    columns: new Map([
      ['psnr', Array.from({ length: IMAGES }, (_, i) => (i < infinite ? Infinity : psnr + i))],
      ['lpips', Array.from({ length: IMAGES }, () => lpips)],
    ]),
  });
  const methods = new Map([
    ['Ours', values(OURS, exact)],
    ['NAFNet', values(NAFNET, 0)],
  ]);
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const rows = [...methods].map(([method, { columns }]) => ({
    method,
    values: [...columns.values()].map((numbers) => mean(numbers.filter(Number.isFinite))),
  }));
  const results: Results = { columns: COLUMNS, rows, note: '' };
  return evidenceOf(results, new Intervals(methods));
}

test('who is ahead is who has the better value, be it higher or lower', () => {
  const found = evidence(0);
  const near = (value: number) => ({
    value: expect.closeTo(value, 10),
    interval: [expect.closeTo(value, 10), expect.closeTo(value, 10)],
  });
  expect(found.lead(COLUMNS[0], 'Ours', 'NAFNet')).toEqual(near(2));
  expect(found.lead(COLUMNS[0], 'NAFNet', 'Ours')).toEqual(near(-2));
  expect(found.lead(COLUMNS[1], 'Ours', 'NAFNet')).toEqual(near(0.1));
  expect(found.lead(COLUMNS[1], 'NAFNet', 'Ours')).toEqual(near(-0.1));
});

test('a claim is decided by the images of which both methods have finite values', () => {
  const claim: Claim = {
    text: 'more',
    methods: ['Ours'],
    against: ['NAFNet'],
    conditions: [{ metric: 'psnr', beside: [], relation: 'better', by: 1 }],
  };
  const line = (exact: number) => judgementLine(judge('C', claim, evidence(exact)), COLUMNS);
  expect(line(2)).toBe('C holds: "more". Ours is 2.00 better than NAFNet in psnr [95 % interval 2.00 to 2.00].');
  expect(line(3)).toBe(
    'C is not decided (too few images): "more". Ours is 2.00 better than NAFNet in psnr [no interval].',
  );
  expect(line(12)).toBe('C is not decided (a value is missing): "more". Ours cannot be compared with NAFNet in psnr.');
});
