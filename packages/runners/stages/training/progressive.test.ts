import { describe, expect, test } from '@jest/globals';
import { checkProgressive, cropsOf, drawAt, meanSize } from './progressive.ts';

/** Restormer's, on 8 GPUs (Restormer:Motion_Deblurring/Options/Deblurring_Restormer.yml): iters, mini_batch_sizes, gt_sizes. */
const LENGTHS = [92_000, 64_000, 48_000, 36_000, 36_000, 24_000];
const SIZES = [64, 40, 32, 16, 8, 8];
const CROPS = [128, 160, 192, 256, 320, 384];
const RESTORMER = {
  size: 64,
  crop: 128,
  progressive: [
    { from: 92_000, size: 40, crop: 160 },
    { from: 156_000, size: 32, crop: 192 },
    { from: 204_000, size: 16, crop: 256 },
    { from: 240_000, size: 8, crop: 320 },
    { from: 276_000, size: 8, crop: 384 },
  ],
};

describe('progressive training', () => {
  test('takes of each part its size and crop for its iterations', () => {
    let first = 0;
    let images = 0;
    LENGTHS.forEach((length, i) => {
      const [size, crop] = [SIZES[i]!, CROPS[i]];
      expect(drawAt(RESTORMER, first)).toEqual({ size, crop, drawn: images });
      expect(drawAt(RESTORMER, first + length - 1)).toEqual({ size, crop, drawn: images + (length - 1) * size });
      first += length;
      images += length * size;
    });
    expect(meanSize(RESTORMER, 300_000)).toBe(images / 300_000);
    expect(cropsOf(RESTORMER)).toEqual(CROPS);
  });

  test('without parts, all steps are alike', () => {
    expect(drawAt({ size: 8 }, 5)).toEqual({ size: 8, crop: undefined, drawn: 40 });
    expect(meanSize({ size: 8 }, 7)).toBe(8);
    expect(cropsOf({ size: 8 })).toEqual([]);
  });

  test.each([
    [
      [{ from: 10, size: 1, crop: 16 }],
      'batch.progressive[0].from is 10, but must be less than `iterations`, which is 10',
    ],
    [
      [
        { from: 5, size: 1, crop: 16 },
        { from: 5, size: 1, crop: 32 },
      ],
      'batch.progressive[1].from is 5, but must be more than 5',
    ],
  ])('parts %j are refused', (progressive, message) => {
    expect(() => checkProgressive({ size: 2, crop: 8, progressive }, 10)).toThrow(message);
    expect(() => checkProgressive({ size: 2, progressive }, 10)).toThrow('there is no batch.crop');
  });
});
