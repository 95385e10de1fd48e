import { ImageCache } from '@dualprior/blocks';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { UserError, loadEngine, Random } from '@dualprior/core';
import sharp from 'sharp';
import '../index.ts';
import { leftBy, trainStage, type Setting } from './testing/stage-harness.ts';
import { savedProgress } from '../store/training-state.ts';
import { UnreadableImages } from '../inference/unreadable-images.ts';

jest.setTimeout(120_000);

let root: string;
let warned: string[];
/** An image that is held out, and one that is trained on: the first and the last of the order by which the data set is split. */
const order = new Random(1).stream('hold-out').permutation(16);
const [HELD, TRAINED] = [order.at(0)!, order.at(-1)!].map((i) => `${String(i).padStart(2, '0')}.png`) as [
  string,
  string,
];

beforeAll(() => void loadEngine());

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'stage-images-'));
  mkdirSync(join(root, 'images'));
  for (let i = 0; i < 16; i++) await restore(`${String(i).padStart(2, '0')}.png`);
  warned = [];
});

const file = (name: string) => join(root, 'images', name);

async function restore(name: string): Promise<void> {
  const stream = new Random(0).stream(name);
  const pixels = Uint8Array.from({ length: 3 * 16 * 16 }, () => stream.integer(256));
  await sharp(pixels, { raw: { width: 16, height: 16, channels: 3 } }).toFile(file(name));
}

/** Without a mark on the outside: neither its size nor its last bytes change. */
function damage(name: string): void {
  const bytes = readFileSync(file(name));
  bytes[bytes.length >> 1]! ^= 0xff;
  writeFileSync(file(name), bytes);
}

const train = (folder: string, setting: Setting = {}) =>
  trainStage('smoke.yaml', 'nafnet', join(root, folder), {
    compile: false,
    ...setting,
    warned,
    set: [
      'data.train=null',
      `data.train={type: image-folder, root: ${join(root, 'images')}, holdOut: 4, seed: 1, degradation: blur}`,
      'stages.nafnet.logEvery=1',
    ],
  });

const namesIn = (folder: string) => {
  const { training = [], validation = [] } = savedProgress(join(root, folder))?.unreadable ?? {};
  return [training, validation].map((images) => images.map(({ name }) => name));
};

describe.each([
  ['trained on', TRAINED, [[TRAINED], []]],
  ['validated on', HELD, [[], [HELD]]],
])('an image that should be %s and is corrupt', (_, name, recorded) => {
  test('is recorded with the stage, which is the same after an interruption, even if the image is mended', async () => {
    await train('clean');
    damage(name);
    await train('whole');
    expect(namesIn('whole')).toEqual(recorded);
    expect(warned).toEqual([expect.stringContaining(`${file(name)} is skipped: it cannot be decoded`)]);
    expect(await leftBy(join(root, 'whole'))).not.toEqual(await leftBy(join(root, 'clean')));

    await expect(train('parts', { interruptAfter: 4 })).rejects.toThrow();
    await restore(name);
    await train('parts');
    expect(namesIn('parts')).toEqual(recorded);
    expect(await leftBy(join(root, 'parts'))).toEqual(await leftBy(join(root, 'whole')));
  });
});

test('an image that vanishes in the middle of a training does not end it', async () => {
  const { threads } = ImageCache;
  ImageCache.threads = Infinity; // every image is read each time
  try {
    await train('vanished', { onIteration: () => rmSync(file(TRAINED), { force: true }) });
  } finally {
    ImageCache.threads = threads;
  }
  expect(warned).toEqual([`${file(TRAINED)} is skipped: it is not there any more. Other images stand in for it.`]);
  expect(namesIn('vanished')).toEqual([[TRAINED], []]);
  expect(savedProgress(join(root, 'vanished'))).toMatchObject({ iteration: 10 });
});

test('a training whose images all vanish ends with an error, and nothing is recorded', async () => {
  await expect(train('none', { interruptAfter: 1 })).rejects.toThrow();
  rmSync(join(root, 'images'), { recursive: true });
  await expect(train('none')).rejects.toBeInstanceOf(UserError);
  expect(namesIn('none')).toEqual([[], []]);
});

describe('the images that a stage goes without', () => {
  const image = (index: number) => ({
    index,
    name: `${index}.png`,
    file: `/faces/${index}.png`,
    reason: 'it is cut off',
    isKnown: false,
  });
  const lines: string[] = [];
  const console = {
    info: (line: string) => void lines.push(line),
    warn: (line: string) => void lines.push(`! ${line}`),
  };

  test('are warned of once each, kept by their use, and refused where they are too many', () => {
    const images = new UnreadableImages(console);
    const training = images.of('training', { length: 200 });
    expect(images.state).toBeUndefined();
    training.add([image(7), image(3), image(7)]);
    training.add([image(3), { ...image(3), isKnown: true }]);
    expect(lines).toEqual(
      [7, 3].map((i) => `! /faces/${i}.png is skipped: it is cut off. Other images stand in for it.`),
    );
    expect(images.state).toEqual({ training: [image(3), image(7)] });
    expect(images.of('validation', { length: 4 }).all).toEqual([]);
    expect(() => training.add([image(4)])).toThrow(/^3 of 200 images cannot be read/);
  });

  test('are reported in one line, without a warning, where a stage continues', () => {
    lines.length = 0;
    const images = new UnreadableImages(console);
    const validation = images.of('validation', { length: 300 });
    images.restore({ validation: [image(1), image(2)] });
    expect(validation.all).toEqual([image(1), image(2)]);
    expect(lines).toEqual(['  continues without 1.png, 2.png, which could not be read in validation before']);
  });
});
