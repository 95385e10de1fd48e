import { expect, test } from '@jest/globals';
import sharp from 'sharp';
import { contactSheet } from './sheet.ts';

const image = (width: number, height: number, value: number) => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(value),
});

test('a sheet without labels has every pixel once', async () => {
  const { width, height } = await sharp(await contactSheet([[image(16, 16, 10), image(16, 16, 200)]])).metadata();
  expect([width, height]).toEqual([16 + 2 + 16, 16]);
});

test('small images are enlarged until their labels fit, pixel by pixel', async () => {
  const rows = [[image(16, 16, 10), image(16, 16, 200)]];
  const { data, info } = await sharp(await contactSheet(rows, ['x', 'restored']))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([4 * 16 + 2 + 4 * 16, 16 + 4 * 16]);
  const at = (x: number, y: number) => data[3 * (y * info.width + x)];
  expect([at(0, 16), at(63, 79), at(66, 16), at(129, 79)]).toEqual([10, 10, 200, 200]);
  const letters = Array.from({ length: 64 }, (_, x) => Array.from({ length: 16 }, (_, y) => at(66 + x, y)!)).map(
    (column) => Math.min(...column),
  );
  expect(letters.findLastIndex((dark) => dark < 128)).toBeLessThan(62); // the last letter ends before its cell does
});
