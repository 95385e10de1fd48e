import { expect, test } from '@jest/globals';
import sharp from 'sharp';
import { pngHeader } from './png-header.ts';

const plain = (channels: 3 | 4) => sharp({ create: { width: 40, height: 30, channels, background: '#12345680' } });

test.each([
  ['colour', () => plain(3).png()],
  ['alpha', () => plain(4).png()],
  ['grey', () => plain(3).toColourspace('b-w').png()],
  ['grey of 16 bits', () => plain(3).toColourspace('grey16').png()],
  ['a palette', () => plain(3).png({ palette: true })],
  ['a palette with transparency', () => plain(4).png({ palette: true })],
])('the header of a PNG of %s says what the decoder says', async (_, made) => {
  const bytes = await made().toBuffer();
  const { width, height, space, hasAlpha } = await sharp(bytes).metadata();
  const grey = space === 'b-w' || space === 'grey16';
  expect(pngHeader(bytes.subarray(0, 1024))).toEqual({ width, height, grey, alpha: hasAlpha });
});

test('what the header does not say all of is left to the decoder', async () => {
  const turned = await plain(3).withMetadata({ orientation: 6 }).png().toBuffer();
  expect(pngHeader(turned)).toBeUndefined();
  expect(pngHeader(await plain(3).jpeg().toBuffer())).toBeUndefined();
  expect(pngHeader((await plain(3).png().toBuffer()).subarray(0, 40))).toBeUndefined();
  for (const length of [0, 8, 16, 32]) expect(pngHeader(turned.subarray(0, length))).toBeUndefined();
});
