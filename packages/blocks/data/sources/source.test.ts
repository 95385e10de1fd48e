import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Stream } from '@dualprior/core';
import sharp from 'sharp';
import type { Degradation } from '../../degradations/degradation.ts';
import type { Image, Window } from '../../images/image.ts';
import { crop } from '../../images/transform.ts';
import { Avatars, drawnInstead } from '../avatars.ts';
import { CelebaHq } from '../celeba-hq.ts';
import { ImageCache } from '../files/image-cache.ts';
import { KeptFiles } from '../files/kept-files.ts';
import { refuseTooMany } from '../files/unreadable.ts';
import { ImageFolder } from '../image-folder.ts';
import { PairedFolder } from '../paired-folder.ts';

let root: string;
let reported: string[];
const log = {
  info: (line: string) => void reported.push(line),
  warn: (line: string) => void reported.push(`! ${line}`),
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'source-'));
  reported = [];
});

async function save(name: string, width = 16, height = 16, space: 'srgb' | 'b-w' = 'srgb'): Promise<void> {
  mkdirSync(join(root, name, '..'), { recursive: true });
  const image = sharp({ create: { width, height, channels: 3, background: 'grey' } });
  await image.toColourspace(space).toFile(join(root, name));
}

const folder = (options: object = {}) =>
  new ImageFolder({ root, minimumSide: 16, holdOut: 0, seed: 0, ...options }, log);

describe('a data set', () => {
  const stream = () => new Stream('x');
  const made = (degrade: (image: Image, window: Window) => Image) => {
    const degradation = {
      bind: () => (image: Image, _stream: Stream, window: Window) => degrade(image, window),
    } as unknown as Degradation;
    return new Avatars({ size: 16, limit: 3, holdOut: 1, seed: 1, degradation });
  };

  test('is not used before it is prepared', () => {
    expect(() => folder().length).toThrow('A data set was used before it was prepared.');
  });

  test('degrades the part in the window, whether its degradations make that or all', async () => {
    const window = { left: 4, top: 2, width: 8, height: 6 };
    for (const data of [made((image) => image), made((image, part) => crop(image, part))]) {
      await data.prepare();
      const image = await data.read(0);
      expect(await data.degrade(image, stream(), window)).toEqual(crop(image, window));
      expect(await data.degrade(image, stream())).toEqual(image);
      const part = await data.heldOut!.degrade(image, stream(), window);
      expect(part).toEqual(crop(image, window));
    }
    const halved = made((image) => ({ ...image, height: 8 }));
    await halved.prepare();
    await expect(halved.degrade(await halved.read(0), stream(), window)).rejects.toThrow(
      'The degradations make an image of 16x8 of one of 16x16. End them with `{type: resize, of: original}`.',
    );
  });

  test('keeps images that come again; those without end never do', async () => {
    const [limited, endless] = [{ limit: 3 }, {}].map(
      (more) => new Avatars({ size: 16, holdOut: 1, seed: 1, ...more }),
    );
    for (const data of [limited!, endless!]) await data.prepare();
    expect(await limited!.read(0)).toBe(await limited!.read(0));
    expect(await endless!.read(0)).not.toBe(await endless!.read(0));
    expect(await endless!.heldOut!.read(0)).toBe(await endless!.heldOut!.read(0));
    expect([endless!.heldOut!.length, endless!.heldOut!.name(0), endless!.name(0)]).toEqual([
      1,
      'avatar-0',
      'avatar-1',
    ]);
    expect([endless!.size(5), endless!.file(5)]).toEqual([{ width: 16, height: 16 }, undefined]);
  });

  test('says where its files are and how large they are, of what is held out as well', async () => {
    for (const name of ['a.png', 'b.png']) await save(name, 20, 18);
    for (const [size, expected] of [
      [undefined, { width: 20, height: 18 }],
      [16, { width: 16, height: 16 }],
    ] as const) {
      const data = folder({ holdOut: 1, size });
      await data.prepare();
      for (const part of [data, data.heldOut!]) {
        expect(part.file(0)).toBe(join(root, part.name(0)));
        expect(part.size(0)).toMatchObject(expected);
        expect(await part.read(0)).toMatchObject(expected);
      }
      expect([data.name(0), data.heldOut!.name(0)].sort()).toEqual(['a.png', 'b.png']);
    }
  });
});

describe('images that are small or grey', () => {
  test('the first ten that are too small are named, then how many more', async () => {
    for (let i = 10; i < 22; i++) await save(`${i}.png`, 15, 40);
    await save('good.png');
    await folder().prepare();
    const skipped = (i: number) =>
      `! ${join(root, `${i}.png`)} is skipped: it is 15x40, and 16 is the shortest side allowed`;
    const first = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19].map(skipped);
    expect(reported.splice(0)).toEqual([...first, `! 2 more images of ${root} are skipped`]);
    for (const i of [20, 21]) await save(`${i}.png`);
    await folder().prepare();
    expect(reported).toEqual(first);
  });

  test('several grey ones are counted', async () => {
    for (const name of ['a.png', 'b.png']) await save(name, 16, 16, 'b-w');
    await folder().prepare();
    expect(reported).toEqual([
      `! 2 images of ${root} are grey (the first is a.png); they are used with three equal channels`,
    ]);
  });

  test('a pair is skipped as well; what is not used of both folders is reported', async () => {
    for (const name of ['s/a.png', 'd/a.png']) await save(name, 40, 15);
    for (const name of ['s/b.png', 'd/b.png']) await save(name);
    writeFileSync(join(root, 's/notes.txt'), 'x');
    writeFileSync(join(root, 'd/c.bmp'), 'x');
    const [ours, theirs] = [join(root, 's'), join(root, 'd')];
    const options = { sharp: ours, degraded: theirs, incomplete: false, minimumSide: 16, holdOut: 0, seed: 1 };
    const data = new PairedFolder({ ...options, size: 16 }, log);
    await data.prepare();
    expect([data.length, data.name(0), data.size(0)]).toEqual([1, 'b.png', { width: 16, height: 16 }]);
    expect(reported).toEqual([
      expect.stringMatching(`^! Not used in ${theirs}: 1 .bmp`),
      expect.stringMatching(`^  Not used in ${ours}: 1 .txt`),
      `! 1 pairs of ${ours} are skipped: a side is shorter than \`minimumSide\`, 16 pixels`,
    ]);
  });
});

describe('a list is checked before the images are looked at', () => {
  const list = () => join(root, 'list.txt');

  test('of a folder, where that is there', async () => {
    await save('a.png');
    writeFileSync(list(), 'a.png\n');
    expect(() => folder({ list: list() }).checkList()).not.toThrow();
    writeFileSync(list(), ['a.png', ...[1, 2, 3, 4, 5, 6, 7].map((i) => `${i}.png`)].join('\n'));
    const named = [1, 2, 3, 4, 5].map((i) => `  ${list()}:${i + 1}: ${i}.png\n`).join('');
    expect(() => folder({ list: list() }).checkList()).toThrow(
      `The list names images that are not in ${root}:\n${named}  and 2 more\n  Write paths below \`root\``,
    );
    expect(() => folder({ list: list(), root: join(root, 'none') }).checkList()).not.toThrow();
    expect(() => folder().checkList()).not.toThrow();
  });

  test('of pairs, where both folders are there', async () => {
    await save('s/a.png');
    writeFileSync(list(), 'a.png\n');
    const check = (degraded: string, more: object = { list: list() }) => {
      const folders = { sharp: join(root, 's'), degraded: join(root, degraded) };
      const rest = { incomplete: false, minimumSide: 16, holdOut: 0, seed: 1 };
      return () => new PairedFolder({ ...folders, ...rest, ...more }, log).checkList();
    };
    expect(check('d')).not.toThrow();
    mkdirSync(join(root, 'd'));
    expect(check('d', {})).not.toThrow();
    expect(check('d')).toThrow(`1 degraded of ${join(root, 'd')}\n  ${list()}:1: a.png`);
    await save('d/a.png');
    expect(check('d')).not.toThrow();
  });
});

describe('a folder that is wrong', () => {
  test('is a file, or missing: then those beside it are named', async () => {
    await save('a.png');
    await expect(folder({ root: join(root, 'a.png') }).prepare()).rejects.toThrow(
      `${join(root, 'a.png')} is a file, but a folder of images is wanted.`,
    );
    const missing = `The folder of images ${join(root, 'none')} does not exist.`;
    await expect(folder({ root: join(root, 'none') }).prepare()).rejects.toThrow(new Error(missing));
    for (let i = 1; i < 10; i++) mkdirSync(join(root, `f${i}`));
    const near = [1, 2, 3, 4, 5, 6, 7, 8].map((i) => `f${i}`).join(', ');
    await expect(folder({ root: join(root, 'none') }).prepare()).rejects.toThrow(
      new Error(`${missing}\n  ${root} has: ${near}`),
    );
    await expect(folder({ root: '/no/such/folder' }).prepare()).rejects.toThrow(
      new Error('The folder of images /no/such/folder does not exist.'),
    );
  });
});

test.each([
  [{ split: 'all', test: 'first' }, '`test`'],
  [{ split: 'all', list: '/list' }, '`list`'],
] as const)('celeba-hq with %j: all are taken', (options, option) => {
  const rest = { root, incomplete: true, minimumSide: 16, holdOut: 0, seed: 1 };
  expect(() => new CelebaHq({ ...rest, ...options }, log)).toThrow(
    `celeba-hq: ${option} says which images are the test set, but all are taken; say \`split: test\` or \`split: training\`.`,
  );
});

describe('images that cannot be read', () => {
  const corrupt = (...files: number[]) => files.map((i) => ({ file: `${i}.png`, reason: 'why', isKnown: true }));

  test('may be one in a hundred, or a single file', () => {
    expect(() => refuseTooMany(corrupt(1, 2), 200)).not.toThrow();
    expect(() => refuseTooMany(corrupt(1, 1, 1), 4)).not.toThrow();
    expect(() => refuseTooMany([], 0)).not.toThrow();
  });

  test('are refused beyond that, the first five named', () => {
    const lines = (count: number) =>
      [1, 2, 3, 4, 5]
        .slice(0, count)
        .map((i) => `  ${i}.png: why\n`)
        .join('');
    const end = '  Restore these files, or take them out of the folder.';
    const head = (found: number) => `${found} of 200 images cannot be read, and at most 1 % may be:\n`;
    expect(() => refuseTooMany(corrupt(1, 2, 3), 200)).toThrow(new Error(`${head(3)}${lines(3)}${end}`));
    expect(() => refuseTooMany(corrupt(1, 2, 3, 4, 5), 200)).toThrow(new Error(`${head(5)}${lines(5)}${end}`));
    expect(() => refuseTooMany(corrupt(1, 2, 3, 4, 5, 6, 7), 200)).toThrow(
      new Error(`${head(7)}${lines(5)}  and 2 more\n${end}`),
    );
  });
});

describe('drawn faces that stand in for photographs', () => {
  const own = { files: [], source: {}, holdOut: 4, seed: 7 };

  test('are as many and as large, at most 64 besides those held out', () => {
    expect(drawnInstead({ ...own, size: 32, limit: 10, degradation: 'blur' })).toEqual({
      data: { type: 'avatars', size: 32, limit: 14, holdOut: 4, seed: 7, degradation: 'blur' },
      degradations: {},
    });
    expect(drawnInstead({ ...own, limit: 100 }).data).toMatchObject({ size: 256, limit: 68 });
    expect(drawnInstead(own).data).toMatchObject({ limit: 68 });
  });

  test('of images that come degraded are degraded by something', () => {
    for (const has of ['pairs', 'degraded'] as const) {
      const { data, degradations } = drawnInstead({ ...own, has, degradation: 'blur' });
      const name = data['degradation'] as string;
      expect(degradations).toEqual({ [name]: { type: 'motion-blur' } });
      expect(name).not.toBe('blur');
    }
  });
});

describe('memory and disk for images', () => {
  const image = (n: number): Image => ({ width: 4, height: 4, data: new Uint8Array(48).fill(n) });

  test('is shared among threads', async () => {
    const read: number[] = [];
    const { threads } = ImageCache;
    ImageCache.threads = 2;
    const cache = new ImageCache(4 * 48);
    ImageCache.threads = threads;
    for (const n of [1, 2, 3, 1]) {
      await cache.get(n, async () => {
        read.push(n);
        return image(n);
      });
    }
    expect(read).toEqual([1, 2, 3, 1]); // there is room for two
  });

  test.each([
    ['images', 900, 4],
    ['images', 899, 3],
    ['pairs', 1200, 3],
    ['pairs', 599, 0],
  ])(
    'of %s of 300 bytes each, one of which cannot be read: %d bytes have room for the first %d',
    async (what, bytes, room) => {
      const cache = process.env['DUALPRIOR_CACHE'];
      process.env['DUALPRIOR_CACHE'] = root;
      const sizes = [10, undefined, 10, 10].map((side) => side && { width: side, height: side });
      const source = {
        count: 4,
        size: (i: number) => sizes[i] || undefined,
        ...(what === 'pairs' && { readDegraded: () => {} }),
      };
      const kept = new KeptFiles(source, undefined, bytes);
      if (cache === undefined) delete process.env['DUALPRIOR_CACHE'];
      else process.env['DUALPRIOR_CACHE'] = cache;
      kept.prepare();
      const readAgain: number[] = [];
      for (const index of [0, 1, 2, 3]) {
        const file = join(root, `${index}.png`);
        writeFileSync(file, 'x');
        await kept.get(index, file, async () => image(index));
        const again = await kept.get(index, file, async () => {
          readAgain.push(index);
          return image(index);
        });
        expect(again).toEqual(image(index));
      }
      expect(readAgain).toEqual([0, 1, 2, 3].slice(room));
    },
  );
});
