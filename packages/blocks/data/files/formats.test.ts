import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { catalogue, UserError } from '@dualprior/core';
import sharp from 'sharp';
import { CelebaHq } from '../celeba-hq.ts';
import { IMAGE_ENDINGS } from './formats.ts';
import { ImageFolder } from '../image-folder.ts';

const SIDE = 24;
const COLOUR = [200, 60, 20] as const;

let root: string;
let lines: { info: string[]; warn: string[] };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'formats-'));
  lines = { info: [], warn: [] };
});

const log = { info: (line: string) => void lines.info.push(line), warn: (line: string) => void lines.warn.push(line) };

async function prepared(options: { list?: string } = {}): Promise<ImageFolder> {
  const data = new ImageFolder({ root, minimumSide: 16, holdOut: 0, seed: 0, ...options }, log);
  await data.prepare();
  return data;
}

function names(data: ImageFolder): string[] {
  return Array.from({ length: data.length }, (_, i) => data.name(i));
}

function plain() {
  const [r, g, b] = COLOUR;
  return sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: { r, g, b } } });
}

const save = (name: string, bytes: Buffer | string) => writeFileSync(join(root, name), bytes);

test('the endings are those of what sharp reads from files, but for drawings and its own format', () => {
  const endings = Object.values(sharp.format).flatMap(({ input }) => (input.file ? (input.fileSuffix ?? []) : []));
  const left = endings.filter((ending) => !(IMAGE_ENDINGS as readonly string[]).includes(ending));
  expect(left.sort()).toEqual(['.svg', '.svg.gz', '.svgz', '.v', '.vips']);
  expect(endings).toEqual(expect.arrayContaining([...IMAGE_ENDINGS]));
});

test('every format is read, whatever its case', async () => {
  for (const ending of IMAGE_ENDINGS) {
    const image = /jpe?g|jpe|jfif/.test(ending) ? plain().jpeg({ quality: 100 }) : plain();
    const format = /jpe?g|jpe|jfif/.test(ending)
      ? 'jpeg'
      : (ending.slice(1).replace('tif', 'tiff').replace('tifff', 'tiff') as 'png');
    save(`a${ending.toUpperCase()}`, await image.toFormat(format, { quality: 100 }).toBuffer());
  }
  const data = await prepared();
  expect(data.length).toBe(IMAGE_ENDINGS.length);
  for (let i = 0; i < data.length; i++) {
    const { width, data: values } = await data.read(i);
    expect(width).toBe(SIDE);
    COLOUR.forEach((value, c) => expect(Math.abs(values[c]! - value)).toBeLessThanOrEqual(4));
  }
  expect(lines).toEqual({ info: [], warn: [] });
});

describe('what is not used', () => {
  test('is one warning where there are images among it', async () => {
    save('a.png', await plain().png().toBuffer());
    for (const name of ['a.bmp', 'b.BMP', 'c.heic', 'notes.txt', 'LICENSE', '.hidden.bmp']) save(name, 'x');
    await prepared();
    expect(lines.info).toEqual([]);
    expect(lines.warn).toEqual([
      expect.stringMatching(
        /^Not used in \S+: 2 \.bmp, 1 \.heic, 1 \.txt, 1 without an ending\. Images are the files that end in \.avif/,
      ),
    ]);
  });

  test('is one line, and no warning, where there are none', async () => {
    save('a.png', await plain().png().toBuffer());
    save('notes.txt', 'x');
    await prepared();
    expect(lines).toEqual({ info: [expect.stringContaining(': 1 .txt. ')], warn: [] });
  });

  test('is named where nothing is left, and in a data set of numbered images', async () => {
    save('1.bmp', 'x');
    await expect(prepared()).rejects.toThrow(/has no images \(.*\); it has 1 \.bmp\.$/);
    save('7.jpg', await plain().jpeg().toBuffer());
    const options = { root, split: 'all', incomplete: true, minimumSide: 16, holdOut: 0, seed: 0 } as const;
    await new CelebaHq(options, log).prepare();
    expect(lines.warn).toEqual([expect.stringContaining(': 1 .bmp. ')]);
  });

  test('is no file at all: pipes would never end', async () => {
    save('a.png', await plain().png().toBuffer());
    execFileSync('mkfifo', [join(root, 'pipe.png')]);
    symlinkSync(join(root, 'pipe.png'), join(root, 'link.png'));
    mkdirSync(join(root, 'folder.png'));
    save('folder.png/b.png', await plain().png().toBuffer());
    expect(names(await prepared())).toEqual(['a.png', 'folder.png/b.png']);
  });
});

test('the fingerprint of a folder of png, jpg and webp files is the one that it had before other formats were read', () => {
  // sha256 of the lines `["NAME",[SIZE,"TAIL IN BASE64"]]`, as sha256sum prints it
  save('a.png', 'one');
  save('b.JPG', 'three');
  save('c.webp', '4444');
  save('notes.txt', 'x');
  save('d.bmp', 'x');
  const { content } = catalogue.find('dataset', 'image-folder')!.declaration;
  const expected = '38804987edb7b7cfe66fc987ec9f061cc80823f1eb8d390f7599a6f25acd1742';
  expect(content!({ type: 'image-folder', root })).toBe(expected);
});

describe('a list', () => {
  const encodings: [string, (text: string) => Buffer][] = [
    ['UTF-8', (text) => Buffer.from(text)],
    ['UTF-8 with a byte order mark', (text) => Buffer.from(`\uFEFF${text}`)],
    ["UTF-16 as Windows' PowerShell writes it", (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['big-endian UTF-16', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
  ];

  test.each(encodings)('in %s names its images', async (_, encode) => {
    for (const name of ['b.png', 'ä.png', 'c.png']) save(name, await plain().png().toBuffer());
    const list = join(root, 'list.txt');
    for (const end of ['\n', '\r\n', '\r']) {
      writeFileSync(list, encode(['# images', 'ä.png  ', '', '\tb.png'].join(end) + end));
      expect(names(await prepared({ list }))).toEqual(['ä.png', 'b.png']);
    }
  });

  test.each<[string, Buffer, RegExp]>([
    [
      'UTF-16 without a byte order mark',
      Buffer.from('b.png\n', 'utf16le'),
      /list\.txt is not text in UTF-8 \(it has zero bytes, as UTF-16/,
    ],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x62, 0, 0, 0]), /is not text in UTF-8 .*Save it as UTF-8/],
    ['Latin-1', Buffer.from('\xe4.png\n', 'latin1'), /list\.txt is not text in UTF-8\. Save it as UTF-8/],
    ['an image', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1]), /is not text in UTF-8/],
  ])('in %s is a clear error', async (_, bytes, message) => {
    save('b.png', await plain().png().toBuffer());
    const list = join(root, 'list.txt');
    writeFileSync(list, bytes);
    const found = prepared({ list });
    await expect(found).rejects.toThrow(message);
    await expect(found).rejects.toBeInstanceOf(UserError);
  });
});

test.each([
  ['16-bit PNG', 'png', 'rgb16'],
  ['CMYK JPEG', 'jpeg', 'cmyk'],
  ['progressive JPEG', 'jpeg', 'srgb'],
] as const)('a %s is read as 8-bit RGB', async (name, format, space) => {
  const made = await plain()
    .toColourspace(space)
    .toFormat(format, { quality: 100, progressive: name.startsWith('prog'), chromaSubsampling: '4:4:4' })
    .toBuffer();
  save('a.png', made); // a wrong ending is no matter
  save('b.jpg', Buffer.concat([made, Buffer.from('trailing garbage'.repeat(100))]));
  const data = await prepared();
  for (const i of [0, 1]) {
    const { data: values } = await data.read(i);
    COLOUR.forEach((value, c) => expect(Math.abs(values[c]! - value)).toBeLessThanOrEqual(space === 'cmyk' ? 30 : 2));
  }
  expect(lines.warn).toEqual([]);
});

test('a TIFF of floating-point pixels, whose range nobody states, is not taken for black', async () => {
  save('a.png', await plain().png().toBuffer());
  save('float.tif', floatTiff(16));
  const data = await prepared();
  expect(data.size(1)).toBeUndefined();
  expect(lines.warn).toEqual([expect.stringMatching(/float\.tif is skipped: its pixels are float numbers/)]);
});

/** An uncompressed grey TIFF of 32-bit floats (TIFF 6.0, sections 2 and 19). */
function floatTiff(side: number): Buffer {
  const tags: [number, number, number][] = [
    [256, 3, side],
    [257, 3, side],
    [258, 3, 32],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, 8],
    [277, 3, 1],
    [278, 3, side],
    [279, 4, 4 * side * side],
    [339, 3, 3],
  ];
  const pixels = Buffer.from(new Float32Array(side * side).fill(0.5).buffer);
  const head = Buffer.alloc(8);
  head.write('II*\0', 'latin1');
  head.writeUInt32LE(8 + pixels.length, 4);
  const directory = Buffer.alloc(2 + 12 * tags.length + 4);
  directory.writeUInt16LE(tags.length, 0);
  tags.forEach(([tag, type, value], i) => {
    directory.writeUInt16LE(tag, 2 + 12 * i);
    directory.writeUInt16LE(type, 4 + 12 * i);
    directory.writeUInt32LE(1, 6 + 12 * i);
    directory.writeUInt32LE(value, 10 + 12 * i);
  });
  return Buffer.concat([head, pixels, directory]);
}
