import { setTimeout } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Prefetcher } from './prefetcher.ts';

test('gives batch i whatever the timing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(3), { minLength: 6, maxLength: 6 }), async (delays) => {
      const prefetcher = new Prefetcher(async (i) => {
        await setTimeout(delays[i % 6]);
        return i;
      });
      for (let i = 3; i < 9; i++) expect(await prefetcher.get(i)).toBe(i);
      await prefetcher.close();
    }),
    { numRuns: 10 },
  );
});

test('works ahead, and makes each batch once', async () => {
  const made: number[] = [];
  const prefetcher = new Prefetcher(async (i) => made.push(i), 2);
  await prefetcher.get(0);
  expect(made).toEqual([0, 1, 2]);
  await prefetcher.get(1);
  expect(made).toEqual([0, 1, 2, 3]);
});

test('makes nothing beyond the end', async () => {
  const made: number[] = [];
  const prefetcher = new Prefetcher(async (i) => made.push(i), 2, 2);
  await prefetcher.get(0);
  await prefetcher.get(1);
  expect(made).toEqual([0, 1]);
});

test('an error comes with the batch that it belongs to', async () => {
  const prefetcher = new Prefetcher(async (i) => {
    if (i === 1) throw new Error('image 1 is gone');
    return i;
  });
  expect(await prefetcher.get(0)).toBe(0);
  await expect(prefetcher.get(1)).rejects.toThrow('image 1 is gone');
});

test('leaves nothing running once it is closed, and begins nothing', async () => {
  let running = 0;
  const prefetcher = new Prefetcher(async (i) => {
    running++;
    await setTimeout(5 * i);
    running--;
    if (i === 2) throw new Error('image 2 is gone');
    return i;
  }, 3);
  await prefetcher.get(0);
  expect(running).toBe(3);
  await prefetcher.close();
  expect(running).toBe(0);
  await expect(prefetcher.get(1)).rejects.toThrow('closed');
});
