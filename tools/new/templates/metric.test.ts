import { expect, test } from '@jest/globals';
import { MyMetric } from './metric.ts';

const image = (...levels: number[]) => ({ width: levels.length / 3, height: 1, data: new Uint8Array(levels) });

test('two of six values differ by more than 8 levels', () => {
  const [restored, sharp] = [image(10, 20, 30, 40, 50, 60), image(10, 28, 39, 40, 41, 52)];
  expect(new MyMetric({ above: 8 }).measure(restored, sharp)).toEqual([2 / 6]);
});

test('images of different sizes are an error', () => {
  const metric = new MyMetric({ above: 8 });
  expect(() => metric.measure(image(1, 2, 3), image(1, 2, 3, 4, 5, 6))).toThrow(
    '1x1 cannot be compared with a sharp one of 2x1',
  );
});
