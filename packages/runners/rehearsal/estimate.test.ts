import { describe, expect, test } from '@jest/globals';
import { estimate, secondsPerIteration, type Measured } from './estimate.ts';
import { Exceeded } from './own-process.ts';

describe('an estimate', () => {
  const memory = { free: () => 10e9, machine: 24e9 };
  /** Takes a second and `each` bytes an image, beside a gigabyte. */
  const linear = (seconds: number, each: number) => {
    const asked: number[] = [];
    const measure = async (batch: number): Promise<Measured> => {
      asked.push(batch);
      const step = 0.1 + batch * seconds;
      return { seconds: [9, 7, step], traced: [true, true, false], peakBytes: 1e9 + batch * each };
    };
    return { asked, measure };
  };

  test('is of a whole batch where that is short and fits', async () => {
    const { asked, measure } = linear(0.01, 1e8);
    const { measured, peakBytes } = await estimate(8, measure, memory);
    expect({ asked, measured, peakBytes }).toEqual({
      asked: [1, 8],
      measured: [{ batch: 8, iterations: 3 }],
      peakBytes: 1.8e9,
    });
  });

  test.each([
    ['long', 2, 1e8, { peakBytes: 4.2e9, fits: true }],
    ['too large for the machine', 0.01, 1e9, { peakBytes: 33e9, fits: false }],
  ])('is extrapolated where a whole batch is %s', async (_, seconds, each, expected) => {
    const { asked, measure } = linear(seconds, each);
    const found = await estimate(32, measure, memory);
    expect(found).toMatchObject({ ...expected, measured: [1, 2].map((batch) => ({ batch, iterations: 3 })) });
    expect(found.secondsPerIteration).toBeCloseTo(0.1 + 32 * seconds, 10);
    expect(asked).toEqual([1, 2]);
  });

  test('is extrapolated where a whole batch exceeds what there is', async () => {
    const { measure } = linear(0.01, 1e8);
    const limited = (batch: number) => (batch > 2 ? Promise.reject(new Exceeded('too much')) : measure(batch));
    expect((await estimate(8, limited, memory)).measured.map(({ batch }) => batch)).toEqual([1, 2]);
  });

  test('is in proportion to one image where two exceed what there is', async () => {
    const { measure } = linear(1, 12e9);
    const limited = (batch: number) => (batch > 1 ? Promise.reject(new Exceeded('too much')) : measure(batch));
    const found = await estimate(8, limited, memory);
    expect(found).toMatchObject({ peakBytes: 8 * 13e9, fits: false, measured: [{ batch: 1, iterations: 3 }] });
    expect(found.secondsPerIteration).toBeCloseTo(8 * 1.1, 10);
  });

  test('is the mean of a whole cycle of regularisers that traces nothing, else the median of what traces nothing', () => {
    const of = (seconds: readonly number[], ...tracing: number[]) =>
      secondsPerIteration({ seconds, traced: seconds.map((_, i) => tracing.includes(i)) });
    const cycle = [...new Array<number>(15).fill(1), 17];
    expect(of([100, ...cycle.map((each) => each * 5), ...cycle], 0, 1)).toBe(2);
    expect(of([100, ...cycle], 0)).toBe(2);
    expect(of([100, ...cycle], 0, 16)).toBe(1);
    expect(of([100, 30, 2, 50, 3], 0, 1)).toBe(3);
    expect(of([2, 50, 3])).toBe(3);
    expect(of([4, 5], 0, 1)).toBe(5);
  });
});
