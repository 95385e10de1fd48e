import { expect, test } from '@jest/globals';
import type { Window } from '@dualprior/blocks';
import * as fc from 'fast-check';
import { leastTile, tilesOf, widestOverlap } from './tiles.ts';

const cases = fc.record({
  width: fc.integer({ min: 1, max: 400 }),
  height: fc.integer({ min: 1, max: 400 }),
  stride: fc.constantFrom(1, 2, 16),
  more: fc.integer({ min: 0, max: 200 }),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
});

test('what is taken covers each pixel once; around it enough is seen, and no more than a tile', () => {
  fc.assert(
    fc.property(cases, ({ width, height, stride, more, part }) => {
      const side = leastTile(stride) + more;
      const overlap = Math.floor((part * widestOverlap(side, stride)) / stride) * stride;
      const tiles = tilesOf({ width, height }, { tile: { width: side, height: side }, overlap, stride });
      const times = new Uint8Array(width * height);
      for (const { taken } of tiles) {
        for (let y = taken.top; y < bottom(taken); y++) {
          for (let x = taken.left; x < right(taken); x++) times[y * width + x]!++;
        }
      }
      const amiss = tiles.filter(
        ({ seen, taken }) =>
          seen.left % stride !== 0 ||
          seen.top % stride !== 0 ||
          Math.max(seen.width, seen.height) > side ||
          seen.left > Math.max(0, taken.left - overlap) ||
          seen.top > Math.max(0, taken.top - overlap) ||
          right(seen) < Math.min(width, right(taken) + overlap) ||
          bottom(seen) < Math.min(height, bottom(taken) + overlap),
      );
      expect(amiss).toEqual([]);
      expect(times.every((count) => count === 1)).toBe(true);
    }),
  );
});

test('all tiles but the last ones have one size, so that a network is traced for four at most', () => {
  const tiles = tilesOf({ width: 1003, height: 777 }, { tile: { width: 256, height: 256 }, overlap: 32, stride: 16 });
  const shapes = new Set(tiles.map(({ seen }) => `${seen.width}x${seen.height}`));
  expect(tiles.length).toBeGreaterThan(12);
  expect(shapes.size).toBeLessThanOrEqual(4);
});

function right({ left, width }: Window): number {
  return left + width;
}

function bottom({ top, height }: Window): number {
  return top + height;
}
