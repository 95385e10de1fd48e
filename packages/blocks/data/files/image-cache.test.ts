import { setTimeout } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { ImageCache } from './image-cache.ts';
import type { Image } from '../../images/image.ts';

const BYTES = 48;
const image = (n: number): Image => ({ width: 4, height: 4, data: new Uint8Array(BYTES).fill(n) });

/** A cache with room for so many images, and the numbers of those that were read. */
function counted(room: number) {
  const cache = new ImageCache(room * BYTES);
  const read: number[] = [];
  const get = (n: number, delay = 0) =>
    cache.get(n, async () => {
      read.push(n);
      if (delay > 0) await setTimeout(delay);
      return image(n);
    });
  return { cache, read, get };
}

test('reads an image once, however many ask for it at once', async () => {
  const { read, get } = counted(3);
  const [a, b] = await Promise.all([get(1, 5), get(1, 5)]);
  expect(a).toBe(b);
  expect(await get(1)).toBe(a);
  expect(read).toEqual([1]);
});

test('gives up the image that was used longest ago', async () => {
  const { read, get } = counted(2);
  for (const n of [1, 2, 1, 3, 1, 2]) await get(n);
  expect(read).toEqual([1, 2, 3, 2]);
});

test('is full, and no fuller, after many readings at once', async () => {
  const { read, get } = counted(10);
  const numbers = Array.from({ length: 15 }, (_, n) => n);
  for (let round = 0; round < 5; round++) await Promise.all(numbers.map((n) => get(n, 1 + ((n * 7 + round) % 4))));
  read.length = 0;
  await Promise.all(numbers.map((n) => get(n)));
  expect(read).toHaveLength(5);
});

test('an error reaches those who asked for that image only, and the next one tries again', async () => {
  const { cache, get } = counted(1);
  const failing = cache.get(0, async () => {
    await setTimeout(5);
    throw new Error('image 0 is gone');
  });
  const others = Promise.all([1, 2, 3].map((n) => get(n)));
  await expect(failing).rejects.toThrow('image 0 is gone');
  expect((await others).map(({ data }) => data[0])).toEqual([1, 2, 3]);
  expect((await get(0)).data[0]).toBe(0);
});

test('an image larger than the cache is given and not kept', async () => {
  const { read, get } = counted(0.5);
  await get(1);
  await get(1);
  expect(read).toEqual([1, 1]);
});
