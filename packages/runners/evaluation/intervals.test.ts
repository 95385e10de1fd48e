import { describe, expect, test } from '@jest/globals';
import { Stream } from '@dualprior/core';
import { between, Intervals, intervalsCsv } from './intervals.ts';

function drawn(key: string, count: number, mean: number, deviation: number): number[] {
  const stream = new Stream(key);
  return Array.from({ length: count }, () => stream.normal(mean, deviation));
}

const of = (methods: Record<string, Record<string, readonly number[]>>) =>
  new Intervals(
    new Map(Object.entries(methods).map(([name, each]) => [name, { columns: new Map(Object.entries(each)) }])),
  );

describe('intervals over the test images', () => {
  test('are as wide as the standard error says, and the same again', () => {
    const values = drawn('a', 100, 25, 2);
    const [low, high] = of({ A: { psnr: values } }).of('A', 'psnr')!;
    expect((high - low) / (2 * 1.96)).toBeCloseTo(2 / Math.sqrt(100), 1);
    expect((high + low) / 2).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 100, 1);
    expect(of({ A: { psnr: values } }).of('A', 'psnr')).toEqual([low, high]);
  });

  test('leave out 2.5 % on each side', () => {
    // The sum of 1,000 resampled values that are 0 or 1 has a binomial distribution, of which 2.5, 5, 95 and 97.5 % lie below 469, 474,
    // 526 and 531 (scipy.stats.binom.ppf); of 2,000 resamples these vary by 1.
    const halves = Array.from({ length: 1000 }, (_, i) => i % 2);
    const [low, high] = of({ A: { psnr: halves } }).of('A', 'psnr')!;
    expect(Math.abs(1000 * low - 469)).toBeLessThan(2.5);
    expect(Math.abs(1000 * high - 531)).toBeLessThan(2.5);
  });

  test('are of 2,000 resamples the 51st from either end', () => {
    const shuffled = Float64Array.from({ length: 2000 }, (_, i) => (i * 7) % 2000);
    expect(between(shuffled)).toEqual([50, 1949]);
  });

  test('of a difference need ten subjects by the names of either', () => {
    const columns = new Map([['psnr', Array.from({ length: 10 }, (_, i) => i)]]);
    const names = columns.get('psnr')!.map((_, i) => (i < 2 ? '0.png' : `${i}.png`) + (i === 1 ? '~2' : ''));
    const methods = new Map([
      ['anonymous', { columns }],
      ['nine faces', { names, columns }],
    ]);
    const intervals = new Intervals(methods);
    expect(intervals.of('anonymous', 'psnr')).toBeDefined();
    expect(intervals.of('nine faces', 'psnr')).toBeUndefined();
    expect(intervals.difference('anonymous', 'nine faces', 'psnr')).toBeUndefined();
    expect(intervals.difference('nine faces', 'anonymous', 'psnr')).toBeUndefined();
  });

  test('are of the finite values, and of a difference of the images of which both are', () => {
    const values = drawn('a', 60, 25, 2);
    const [some, others] = [values.map((value, i) => (i < 10 ? Infinity : value)), values.map((value) => value - 1)];
    const worse = others.map((value, i) => (i < 10 ? 90 : i < 15 ? Infinity : value));
    const all = of({ A: { psnr: some }, B: { psnr: worse }, C: { psnr: values.slice(10) }, D: { psnr: others } });
    expect(all.of('A', 'psnr')).toEqual(all.of('C', 'psnr'));
    expect([all.count('A', 'psnr'), all.subjects('A', 'psnr'), all.pairedCount('A', 'B', 'psnr')]).toEqual([
      50, 50, 45,
    ]);
    // The ten images that A restores exactly count for neither, though B is far above its mean there.
    expect(all.difference('A', 'B', 'psnr')).toEqual([expect.closeTo(1, 10), expect.closeTo(1, 10)]);
    expect(all.meanDifference('A', 'B', 'psnr')).toBeCloseTo(1, 10);
    expect(all.meanDifference('D', 'D', 'psnr')).toBeUndefined();
    const named = (...numbers: number[]) => ({
      names: numbers.map((_, i) => `${i % 2}.png${i > 1 ? '~2' : ''}`),
      columns: new Map([['psnr', numbers]]),
    });
    const one = new Intervals(
      new Map([
        ['A', named(20, Infinity, 21, Infinity)],
        ['B', named(1, 2, 3, 4)],
      ]),
    );
    expect([one.subjects('A', 'psnr'), one.of('A', 'psnr'), one.difference('A', 'B', 'psnr')]).toEqual([
      1,
      undefined,
      undefined,
    ]);
  });

  test('hold the true mean nearly always', () => {
    const holds = Array.from({ length: 25 }, (_, i) => {
      const [low, high] = of({ A: { psnr: drawn(`draw ${i}`, 12, 3, 1) } }).of('A', 'psnr')!;
      return low <= 3 && 3 <= high;
    });
    expect(holds.filter(Boolean).length).toBeGreaterThan(19);
  });

  test('draw the images of one subject together', () => {
    const faces = drawn('faces', 50, 25, 2);
    const width = (names?: string[]) => {
      const columns = new Map([['psnr', [...faces, ...faces, ...faces]]]);
      const intervals = new Intervals(new Map([['A', { columns, ...(names && { names }) }]]));
      const [low, high] = intervals.of('A', 'psnr')!;
      return high - low;
    };
    const names = ['', '~2', '~3'].flatMap((round) => faces.map((_, i) => `${i}.png${round}`));
    const [low, high] = of({ A: { psnr: faces } }).of('A', 'psnr')!;
    expect(width(names)).toBeCloseTo(high - low, 10);
    expect(width() / width(names)).toBeCloseTo(1 / Math.sqrt(3), 1);
  });

  test('of nine faces, however often each is degraded, are none; of other images there is no difference', () => {
    const columns = new Map([['psnr', drawn('ten', 10, 20, 1)]]);
    const named = (last: string) => ({ names: [...Array.from({ length: 9 }, (_, i) => `${i}.png`), last], columns });
    const some = new Intervals(
      new Map([
        ['A', named('0.png~2~3')],
        ['B', named('9.png')],
        ['C', named('other.png')],
      ]),
    );
    expect([some.subjects('A', 'psnr'), some.subjects('B', 'psnr')]).toEqual([9, 10]);
    expect(some.of('A', 'psnr')).toBeUndefined();
    expect(some.of('B', 'psnr')).toBeDefined();
    expect(some.difference('B', 'B', 'psnr')).toEqual([0, 0]);
    expect(some.difference('B', 'C', 'psnr')).toBeUndefined();
  });

  test('of paired differences leave out what images have in common', () => {
    const [images, noise] = [drawn('images', 40, 25, 5), drawn('noise', 40, 0.5, 0.1)];
    const both = of({ A: { psnr: images.map((value, i) => value + noise[i]!) }, B: { psnr: images } });
    const [low, high] = both.difference('A', 'B', 'psnr')!;
    expect(low).toBeGreaterThan(0.4);
    expect(high).toBeLessThan(0.6);
    expect(both.difference('B', 'A', 'psnr')).toEqual([expect.closeTo(-high, 2), expect.closeTo(-low, 2)]);
    expect(both.of('A', 'psnr')![0]).toBeLessThan(both.of('B', 'psnr')![1]);
  });

  test('are none where there is nothing to resample', () => {
    const some = of({ A: { psnr: [20], ssim: [0.5, Infinity] }, B: { psnr: [20, 21] } });
    expect(some.of('A', 'psnr')).toBeUndefined();
    expect(some.of('A', 'ssim')).toBeUndefined();
    expect(some.of('A', 'fid')).toBeUndefined();
    expect(some.of('C', 'psnr')).toBeUndefined();
    expect(some.difference('A', 'B', 'psnr')).toBeUndefined();
  });

  test('are written with all differences', () => {
    const rows = [
      { method: 'input', values: [2] },
      { method: 'A', values: [3] },
      { method: 'B', values: [5] },
    ];
    const ten = (value: number) => ({ psnr: Array<number>(10).fill(value) });
    const values = { input: ten(2), A: ten(3), B: { psnr: [5] } };
    const [head, ...lines] = intervalsCsv({ columns: [{ name: 'psnr' }], rows }, of(values))
      .trim()
      .split('\n');
    expect(head).toBe('column,method,minus,value,low,high,images');
    expect(lines).toEqual([
      'psnr,input,,2,2,2,10',
      'psnr,A,,3,3,3,10',
      'psnr,B,,5,,,1',
      'psnr,A,input,1,1,1,10',
      'psnr,B,input,3,,,1',
      'psnr,B,A,2,,,1',
    ]);
  });
});
