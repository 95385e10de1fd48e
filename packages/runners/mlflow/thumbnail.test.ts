import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { readImage } from './thumbnail.ts';

const image = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: 'teal' } })
    .png()
    .toBuffer();

describe('readImage', () => {
  test.each([
    [600, 300, 256, 128],
    [200, 100, 200, 100],
    [16, 16, 256, 256],
    [64, 48, 256, 192],
    [100, 20, 200, 40],
  ])('shows an image of %i x %i as %i x %i', async (width, height, shownWidth, shownHeight) => {
    const file = await image(width, height);
    const { png, thumbnail } = await readImage(file);
    expect(png).toBe(file);
    expect(await sharp(thumbnail).metadata()).toMatchObject({ format: 'webp', width: shownWidth, height: shownHeight });
  });

  test('refuses what is no image', async () => {
    await expect(readImage(Buffer.from('text'))).rejects.toThrow(/it is no image/);
  });
});
