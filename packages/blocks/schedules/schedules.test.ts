import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConstantSchedule } from './constant.ts';
import { CosineSchedule } from './cosine.ts';
import { MultistepSchedule } from './multistep.ts';
import type { Schedule } from './schedule.ts';
import { WarmupSchedule } from './warmup.ts';

function rates(schedule: Schedule, initial: number, iterations: number): number[] {
  return Array.from({ length: iterations }, (_, i) => schedule.at(initial, i, iterations));
}

function expectClose(actual: number[], expected: number[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((rate, i) => expect(rate).toBeCloseTo(expected[i]!, 12));
}

const anyRate = fc.double({ min: 1e-6, max: 1, noNaN: true });

describe('schedules', () => {
  test('constant', () => {
    expect(rates(new ConstantSchedule(), 0.3, 3)).toEqual([0.3, 0.3, 0.3]);
  });

  test('multistep changes at the milestone itself; a milestone given twice counts twice', () => {
    const schedule = new MultistepSchedule({ milestones: [2, 4, 4], gamma: 0.5 });
    expectClose(rates(schedule, 1, 6), [1, 1, 0.5, 0.5, 0.125, 0.125]);
  });

  test('cosine', () => {
    expectClose(rates(new CosineSchedule({ minimum: 0.1 }), 1.1, 4), [
      1.1,
      0.6 + 0.5 * Math.SQRT1_2,
      0.6,
      0.6 - 0.5 * Math.SQRT1_2,
    ]);
  });

  test('cosine falls from the initial rate and never below the minimum', () => {
    fc.assert(
      fc.property(anyRate, fc.integer({ min: 2, max: 500 }), (initial, iterations) => {
        const all = rates(new CosineSchedule({ minimum: 1e-7 }), initial, iterations);
        expect(all[0]).toBeCloseTo(initial, 12);
        expect(all.every((rate, i) => rate >= 1e-7 && (i === 0 || rate < all[i - 1]!))).toBe(true);
      }),
    );
  });

  test('warm-up rises in a straight line, then hands the rest to the next schedule', () => {
    const then = new CosineSchedule({ minimum: 0 });
    const schedule = new WarmupSchedule({ iterations: 4, startFactor: 0.2, then });
    expectClose(rates(schedule, 1, 8), [0.2, 0.4, 0.6, 0.8, ...rates(then, 1, 4)]);
  });

  test('warm-up longer than the training only rises', () => {
    const schedule = new WarmupSchedule({ iterations: 10, startFactor: 0.5, then: new ConstantSchedule() });
    expectClose(rates(schedule, 2, 3), [1, 1.1, 1.2]);
  });

  test('all are proportional to the initial rate where no absolute minimum is set', () => {
    const all = [
      new ConstantSchedule(),
      new MultistepSchedule({ milestones: [3, 7], gamma: 0.3 }),
      new CosineSchedule({ minimum: 0 }),
      new WarmupSchedule({ iterations: 5, startFactor: 0.01, then: new CosineSchedule({ minimum: 0 }) }),
    ];
    fc.assert(
      fc.property(anyRate, fc.integer({ min: 0, max: 19 }), (initial, iteration) => {
        for (const schedule of all) {
          expect(schedule.at(initial, iteration, 20)).toBeCloseTo(initial * schedule.at(1, iteration, 20), 12);
        }
      }),
    );
  });
});

describe('before a training that is too short for it, a schedule warns of', () => {
  const cosine = (minimum: number) => new CosineSchedule({ minimum });
  const multistep = (...milestones: number[]) => new MultistepSchedule({ milestones, gamma: 0.1 });
  const warmup = (iterations: number, then: Schedule) => new WarmupSchedule({ iterations, startFactor: 0.1, then });

  test.each<[string, Schedule, string[]]>([
    ['nothing', new ConstantSchedule(), []],
    [
      'milestones beyond the end',
      multistep(10, 120, 400),
      ['the milestones 120 and 400 of the rate will not be reached in 120 iterations'],
    ],
    ['no milestone of the last iteration', multistep(119), []],
    ['a minimum above the rate', cosine(1e-2), ['the rate will rise from 0.001 to its `minimum`, 0.01']],
    ['no minimum that is the rate', cosine(1e-3), []],
    [
      'a warm-up that does not end',
      warmup(120, multistep(500)),
      ['the warm-up of 120 iterations will not end in 120, so the rate stays below 0.001'],
    ],
    ['no warm-up that ends', warmup(119, new ConstantSchedule()), []],
    [
      'milestones that are counted from the end of the warm-up',
      warmup(60, multistep(59, 60)),
      ['the milestone 60 of the rate will not be reached in 60 iterations'],
    ],
  ])('%s', (_, schedule, expected) => {
    const found = schedule.warnings?.(1e-3, 120) ?? [];
    expect(found).toEqual(expected);
    // What is warned of is so.
    const all = rates(schedule, 1e-3, 120);
    const [warning = ''] = expected;
    expect(all.at(-1)! > 1e-3).toBe(warning.includes('rise'));
    expect(Math.max(...all) < 1e-3).toBe(warning.includes('stays below'));
  });
});
