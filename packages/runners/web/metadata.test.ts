import { expect, test } from '@jest/globals';
import sharp from 'sharp';
import { uprightExif } from './page/exif.ts';
import { metadataOf } from './page/metadata.ts';
import { pngWithExif } from './page/png-exif.ts';
import { isWideGamut } from './page/wide-gamut.ts';

type Format = 'jpeg' | 'png' | 'webp';

/** A photograph with EXIF, orientation 6 and a profile, as libvips writes it. */
function photograph(format: Format, profile = 'p3'): Promise<Buffer> {
  return sharp({ create: { width: 21, height: 13, channels: 3, background: '#6a4' } })
    .withMetadata({ orientation: 6 })
    .withExifMerge({ IFD0: { Artist: 'A. Person' }, IFD3: { GPSLatitudeRef: 'N' } })
    .withIccProfile(profile)
    .toFormat(format)
    .toBuffer();
}

/** As libvips reads it. */
async function expected(file: Uint8Array) {
  const { exif, icc } = await sharp(file).metadata();
  return { exif: exif!.subarray(exif!.toString('latin1', 0, 6) === 'Exif\0\0' ? 6 : 0), profile: icc! };
}

async function metadata(file: Uint8Array) {
  const { exif, profile } = await metadataOf(new Blob([Uint8Array.from(file)]));
  return { exif: exif && Buffer.from(exif), profile: profile && Buffer.from(profile) };
}

test.each(['jpeg', 'png', 'webp'] as const)('%s: EXIF and profile', async (format) => {
  const file = await photograph(format);
  const { exif, profile } = await metadata(file);
  const { exif: ofLibvips, profile: icc } = await expected(file);
  expect(exif!.equals(ofLibvips)).toBe(true);
  expect(profile!.equals(icc)).toBe(true);
});

test('a profile in several segments of a JPEG', async () => {
  const file = await photograph('jpeg');
  const { profile: icc } = await expected(file);
  const segment = (number: number, part: Uint8Array) => {
    const content = Buffer.concat([Buffer.from('ICC_PROFILE\0'), Buffer.from([number, 2]), part]);
    const length = content.length + 2;
    return Buffer.concat([Buffer.from([0xff, 0xe2, length >> 8, length & 255]), content]);
  };
  const parts = [segment(2, icc.subarray(200)), Buffer.from([0xff]), segment(1, icc.subarray(0, 200))];
  const bare = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#6a4' } })
    .jpeg()
    .toBuffer();
  const { profile } = await metadata(Buffer.concat([bare.subarray(0, 2), ...parts, bare.subarray(2)]));
  expect(profile!.equals(icc)).toBe(true);
});

test('what is written into a PNG: all as it was, but upright', async () => {
  const file = await photograph('jpeg');
  const { exif } = await metadataOf(new Blob([Uint8Array.from(file)]));
  const png = await sharp(file).autoOrient().png().toBuffer();
  const written = pngWithExif(new Blob([Uint8Array.from(png)], { type: 'image/png' }), uprightExif(exif!)!);
  expect(written.type).toBe('image/png');
  const bytes = Buffer.from(await written.arrayBuffer());
  const after = await sharp(bytes, { failOn: 'warning' }).metadata(); // a wrong checksum is one
  expect(after).toMatchObject({ width: 13, height: 21, orientation: 1 });
  expect(after.exif!.includes('A. Person')).toBe(true);
  await expect(sharp(bytes, { failOn: 'warning' }).raw().toBuffer()).resolves.toEqual(
    await sharp(png).raw().toBuffer(),
  );
});

test('the thumbnail of how it was is left out, in both byte orders', () => {
  const [artist, orientation] = [0x013b, 0x0112];
  for (const isLittle of [false, true]) {
    const exif = new Uint8Array(60);
    const view = new DataView(exif.buffer);
    const put16 = (at: number, value: number) => view.setUint16(at, value, isLittle);
    exif.set(Buffer.from(isLittle ? 'II' : 'MM'));
    put16(2, 42);
    view.setUint32(4, 8, isLittle);
    put16(8, 2);
    put16(10, artist);
    put16(22, orientation);
    put16(30, 6);
    view.setUint32(34, 40, isLittle);
    const upright = new DataView(uprightExif(exif)!.buffer);
    expect([upright.getUint16(24, isLittle), upright.getUint32(26, isLittle)]).toEqual([3, 1]);
    expect(upright.getUint16(30, isLittle)).toBe(1);
    expect(upright.getUint32(34, isLittle)).toBe(0);
    expect(upright.getUint16(10, isLittle)).toBe(artist);
    expect(view.getUint16(30, isLittle)).toBe(6);
  }
});

test.each([
  ['p3', true],
  ['srgb', false],
  ['cmyk', false],
])('the profile %s has a wide gamut: %p', async (name, isWide) => {
  const { profile } = await expected(await photograph('jpeg', name));
  expect(isWideGamut(profile)).toBe(isWide);
});

test.each(['jpeg', 'png', 'webp'] as const)('%s, cut off or damaged anywhere: no error', async (format) => {
  const file = await photograph(format);
  for (let length = 0; length < file.length; length += 7) {
    const { exif, profile } = await metadata(file.subarray(0, length));
    if (exif) uprightExif(Uint8Array.from(exif));
    if (profile) isWideGamut(profile);
    const damaged = Buffer.from(file);
    damaged.fill(0xff, length, length + 4);
    const other = await metadata(damaged);
    if (other.exif) uprightExif(Uint8Array.from(other.exif));
    if (other.profile) isWideGamut(other.profile);
  }
});

test('a compressed profile that is a bomb is not read', async () => {
  const { deflateSync } = await import('node:zlib');
  const content = Buffer.concat([Buffer.from('icc\0\0'), deflateSync(Buffer.alloc(2 ** 26))]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const png = Buffer.concat([signature, length, Buffer.from('iCCP'), content, Buffer.alloc(4)]);
  await expect(metadata(png)).resolves.toEqual({ exif: undefined, profile: undefined });
});
