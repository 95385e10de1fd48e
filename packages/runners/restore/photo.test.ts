import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { checksum, Random } from '@dualprior/core';
import sharp, { type Metadata, type Sharp } from 'sharp';
import type { PhotoFormat } from './photo-format.ts';
import { readFacts, readPicture } from './photo.ts';
import type { Picture, RestoredPicture } from './picture.ts';
import { writePhoto } from './write-photo.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'photos-'));
});

const [WIDTH, HEIGHT] = [21, 13];

interface Made {
  readonly format: PhotoFormat;
  readonly channels: 1 | 2 | 3 | 4;
  readonly bits: 8 | 16;
}

/** A photograph with EXIF, an orientation, a resolution, and in colour a profile of a wide gamut. Noise, so that no two pixels are alike. */
async function photograph({ format, channels, bits }: Made, orientation = 6): Promise<string> {
  const stream = new Random(channels).stream('pixels');
  const create = bits === 16 ? Uint16Array : Uint8Array;
  const values = create.from(Array.from({ length: WIDTH * HEIGHT * channels }, () => stream.integer(2 ** bits)));
  const space = channels < 3 ? (bits === 16 ? 'grey16' : 'b-w') : bits === 16 ? 'rgb16' : 'srgb';
  const image = sharp(values, { raw: { width: WIDTH, height: HEIGHT, channels } })
    .toColourspace(space)
    .withExif({ IFD0: { Artist: 'A. Person' } })
    .withDensity(300);
  const profiled = channels < 3 ? image : image.withIccProfile('p3');
  const oriented = profiled as unknown as { options: { withMetadataOrientation: number } };
  oriented.options.withMetadataOrientation = orientation; // `withMetadata` sets it too, but makes grey RGB
  const file = join(folder, `${format}-${channels}-${bits}-${orientation}.${format}`);
  writeFileSync(file, await encode(profiled, format).toBuffer());
  return file;
}

function encode(image: Sharp, format: PhotoFormat): Sharp {
  switch (format) {
    case 'png':
      return image.png();
    case 'jpeg':
      return image.jpeg({ quality: 100, chromaSubsampling: '4:4:4' });
    case 'webp':
      return image.webp({ lossless: true, exact: true });
    case 'avif':
      return image.avif({ lossless: true });
    case 'tiff':
      return image.tiff({ compression: 'lzw' });
  }
}

/** The pixels of a file as RGB or RGBA, as they lie there. */
async function stored(file: string, bits: 8 | 16): Promise<number[]> {
  const image = sharp(file, { ignoreIcc: true }).toColourspace(bits === 16 ? 'rgb16' : 'srgb');
  const data = await image.raw({ depth: bits === 16 ? 'ushort' : 'uchar' }).toBuffer();
  return [...(bits === 16 ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data)];
}

const isAlpha = (hasAlpha: boolean, i: number) => hasAlpha && i % 4 === 3;

function negative({ width, height, data, white }: Picture): RestoredPicture {
  return { width, height, white: 1, data: Float32Array.from(data, (value) => 1 - value / white) };
}

function about({ format, channels, depth, space, orientation, hasAlpha }: Metadata) {
  return { format, channels, depth, space, orientation, hasAlpha };
}

const LOSSLESS: Made[] = (['png', 'tiff'] as const).flatMap((format) =>
  ([8, 16] as const).flatMap((bits) => ([1, 2, 3, 4] as const).map((channels) => ({ format, channels, bits }))),
);

test.each(LOSSLESS)(
  '$format with $channels channels of $bits bits: exact colours, all else as it was',
  async (made) => {
    const file = await photograph(made);
    const facts = await readFacts(file);
    expect(facts).toMatchObject({
      width: HEIGHT,
      height: WIDTH,
      bits: made.bits,
      isGrey: made.channels < 3,
      orientation: 6,
    });
    const output = join(folder, `out-${made.channels}-${made.bits}.${made.format}`);
    await writePhoto(output, negative(await readPicture(facts)), facts, { format: made.format, quality: 95 });

    const [before, after] = await Promise.all([file, output].map((each) => sharp(each).metadata()));
    expect(about(after!)).toEqual(about(before!));
    expect(after!.density).toBe(300);
    expect(after!.icc).toEqual(before!.icc);
    expect(after!.exif?.includes('A. Person')).toBe(made.format === 'png' ? true : undefined); // libvips knows no EXIF of TIFF
    const white = 2 ** made.bits - 1;
    const expected = (await stored(file, made.bits)).map((value, i) =>
      isAlpha(facts.hasAlpha, i) ? value : white - value,
    );
    expect((await stored(output, made.bits)).every((value, i) => value === expected[i])).toBe(true);
  },
);

test.each([
  { format: 'jpeg', channels: 1, bits: 8 },
  { format: 'jpeg', channels: 3, bits: 8 },
  { format: 'webp', channels: 3, bits: 8 },
  { format: 'webp', channels: 4, bits: 8 },
  { format: 'avif', channels: 3, bits: 8 },
  { format: 'avif', channels: 4, bits: 8 },
] as const)('$format with $channels channels keeps EXIF, profile, orientation and transparency', async (made) => {
  const file = await photograph(made);
  const facts = await readFacts(file);
  const grey: Picture = await readPicture(facts);
  const output = join(folder, `out-${made.channels}.${made.format}`);
  const flat: RestoredPicture = { ...grey, white: 1, data: new Float32Array(grey.data.length).fill(0.4) };
  await writePhoto(output, flat, facts, { format: made.format, quality: 95 });
  const [before, after] = await Promise.all([file, output].map((each) => sharp(each).metadata()));
  expect(about(after!)).toEqual(about(before!));
  expect(after!.icc).toEqual(before!.icc);
  expect(after!.exif!.includes('A. Person')).toBe(true);
  const values = await stored(output, 8);
  const colours = values.filter((_, i) => !isAlpha(facts.hasAlpha, i));
  expect(Math.max(...colours.map((value) => Math.abs(value - 102)))).toBeLessThanOrEqual(2);
  const alpha = (await stored(file, 8)).flatMap((value, i) => (isAlpha(facts.hasAlpha, i) ? [value - values[i]!] : []));
  // AVIF has no lossless transparency beside lossy colours.
  expect(Math.max(0, ...alpha.map(Math.abs))).toBeLessThanOrEqual(made.format === 'avif' ? 2 : 0);
});

test('a photograph in RGB that is all grey stays so, by its luma', async () => {
  const values = Uint8Array.from({ length: 3 * 40 }, (_, i) => 2 * Math.floor(i / 3));
  const file = join(folder, 'all-grey.png');
  await sharp(values, { raw: { width: 8, height: 5, channels: 3 } })
    .png()
    .toFile(file);
  const facts = await readFacts(file);
  expect(facts.isGrey).toBe(false);
  const picture = await readPicture(facts);
  const data = Float32Array.from({ length: 120 }, (_, i) => [1, 0.5, 0][i % 3]!);
  const output = join(folder, 'all-grey-restored.png');
  await writePhoto(output, { ...picture, white: 1, data }, facts, { format: 'png', quality: 95 });
  const luma = Math.round(255 * (0.2126 + 0.7152 / 2));
  expect(await stored(output, 8)).toEqual(Array(120).fill(luma));
});

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('orientation %d', (orientation) => {
  test('is read upright, as sharp turns it, and written as it lay', async () => {
    const file = await photograph({ format: 'png', channels: 3, bits: 8 }, orientation);
    const facts = await readFacts(file);
    const picture = await readPicture(facts);
    const upright = await sharp(file, { ignoreIcc: true }).autoOrient().raw().toBuffer({ resolveWithObject: true });
    expect([picture.width, picture.height]).toEqual([upright.info.width, upright.info.height]);
    expect([facts.width, facts.height]).toEqual([upright.info.width, upright.info.height]);
    expect(Buffer.from(picture.data as Uint8Array).equals(upright.data)).toBe(true);
    const output = join(folder, `same-${orientation}.png`);
    const same: RestoredPicture = {
      ...picture,
      white: 1,
      data: Float32Array.from(picture.data, (value) => value / 255),
    };
    await writePhoto(output, same, facts, { format: 'png', quality: 95 });
    expect((await sharp(output).metadata()).orientation).toBe((await sharp(file).metadata()).orientation);
    expect(await stored(output, 8)).toEqual(await stored(file, 8));
  });
});

test('16 bits become the nearest of 8 where the format holds no more', async () => {
  const file = await photograph({ format: 'png', channels: 3, bits: 16 }, 1);
  const facts = await readFacts(file);
  const { width, height } = facts;
  const fraction = 100.6 / 255;
  const picture: RestoredPicture = {
    width,
    height,
    white: 1,
    data: new Float32Array(width * height * 3).fill(fraction),
  };
  const output = join(folder, 'nearest.webp');
  await writePhoto(output, picture, facts, { format: 'webp', quality: 100 });
  const values = await stored(output, 8);
  expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - 101)).toBeLessThan(0.3);
});

test('CMYK becomes sRGB without the profile of its ink', async () => {
  const file = join(folder, 'cmyk.jpg');
  const colour = { create: { width: 16, height: 16, channels: 3 as const, background: '#c04020' } };
  writeFileSync(file, await sharp(colour).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer());
  const facts = await readFacts(file);
  expect(facts.isCmyk).toBe(true);
  const output = join(folder, 'rgb.png');
  const picture = await readPicture(facts);
  const same: RestoredPicture = { ...picture, white: 1, data: Float32Array.from(picture.data, (value) => value / 255) };
  await writePhoto(output, same, facts, { format: 'png', quality: 95 });
  const after = await sharp(output).metadata();
  expect(after).toMatchObject({ space: 'srgb', channels: 3 });
  const expected = await sharp(file).toColourspace('srgb').raw().toBuffer();
  expect(await stored(output, 8)).toEqual([...expected]);
});

describe('what cannot be restored', () => {
  const refusal = async (name: string, bytes: Buffer | string) => {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    const facts = await readFacts(file).catch((error: unknown) => error);
    if (facts instanceof Error) return facts.message;
    return readPicture(facts as Awaited<ReturnType<typeof readFacts>>).then(
      () => 'read',
      (error: unknown) => (error as Error).message,
    );
  };

  test('text, a cut file, an animation', async () => {
    expect(await refusal('text.png', 'some text')).toMatch(/not an image/);
    const whole = readFileSync(await photograph({ format: 'png', channels: 3, bits: 8 }));
    expect(await refusal('cut.png', whole.subarray(0, 900))).toMatch(/damaged or cut off/);
    const frame = (background: string) => ({ create: { width: 8, height: 8, channels: 3 as const, background } });
    const pictures = await Promise.all(['red', 'blue'].map((colour) => sharp(frame(colour)).png().toBuffer()));
    const frames = await sharp(pictures, { join: { animated: true } })
      .webp()
      .toBuffer();
    expect(await refusal('frames.webp', frames)).toMatch(/it holds 2 pictures/);
  });

  test('a small file that would be 900 million pixels is refused by its head', async () => {
    const bomb = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'black' } })
      .png()
      .toBuffer();
    for (const at of [16, 20]) bomb.writeUInt32BE(30_000, at); // width and height of the head, then its checksum
    bomb.writeUInt32BE(checksum(bomb.subarray(12, 29)), 29);
    const rss = process.memoryUsage.rss();
    expect(await refusal('bomb.png', bomb)).toMatch(/it is 30000x30000, and more than 268402689 pixels are not taken/);
    expect(process.memoryUsage.rss() - rss).toBeLessThan(2 ** 27);
  });
});
