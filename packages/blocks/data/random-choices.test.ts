import { describe, expect, test } from '@jest/globals';
import { Random, type Stream } from '@dualprior/core';
import type { Degradation } from '../degradations/degradation.ts';
import { GaussianNoise } from '../degradations/noise.ts';
import { drawing } from '../degradations/drawn/range.ts';
import { MotionBlur } from '../degradations/motion-blur.ts';
import { CameraShake } from '../kernels/camera-shake.ts';
import { Avatars } from './avatars.ts';
import type { Dataset } from './dataset.ts';
import type { Image } from '../images/image.ts';
import { pairAt } from './sampler/pair-at.ts';
import { sampleBatch, type Sampling } from './sampler/sample-batch.ts';
import { crop } from '../images/transform.ts';

// What is random about samples, as numbers that were computed in Python (hashlib, whole numbers and NumPy's flips and turns) from the
// published generator, and by their distributions.

const [WIDTH, HEIGHT, CROP] = [20, 12, 8];

/** Images of which each pixel says where it lies. */
const place: Image = {
  width: WIDTH,
  height: HEIGHT,
  data: Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, at) => {
    const pixel = Math.floor(at / 3);
    return [pixel % WIDTH, Math.floor(pixel / WIDTH), 0][at % 3]!;
  }),
};

const places: Dataset = {
  length: 6,
  random: new Random(0),
  name: String,
  size: () => ({ width: WIDTH, height: HEIGHT }),
  file: () => undefined,
  read: async () => place,
  hasSharp: true,
  degraded: 'made',
  degrade: async (image: Image, _stream: Stream, window) => (window ? crop(image, window) : image),
  heldOut: undefined,
  prepare: async () => undefined,
};

const random = new Random(9);

async function samples(sampling: Partial<Sampling>) {
  const all = { stream: 'batch', iteration: 0, size: 2, crop: CROP, augment: { flip: true, rotate: true } };
  const { sharp, degraded, shown } = await sampleBatch(places, random, { ...all, ...sampling });
  expect(degraded).toEqual(sharp);
  return shown.map(({ name, flipped }, n) => {
    const at = (row: number, column: number) => {
      const start = 3 * ((n * CROP + row) * CROP + column);
      return [...sharp.subarray(start, start + 2)].map((value) => Math.round(255 * value));
    };
    return [Number(name), flipped, at(0, 0), at(0, CROP - 1), at(CROP - 1, 0)] as const;
  });
}

test('samples: the image, whether it is mirrored, and where its corners lie, after a turn clockwise', async () => {
  const found = await Promise.all([0, 1, 2, 3].map((iteration) => samples({ iteration })));
  expect(found).toEqual([
    [
      [2, false, [6, 2], [13, 2], [6, 9]],
      [1, false, [10, 1], [17, 1], [10, 8]],
    ],
    [
      [4, false, [2, 11], [2, 4], [9, 11]],
      [0, false, [12, 1], [12, 8], [5, 1]],
    ],
    [
      [5, false, [18, 10], [11, 10], [18, 3]],
      [3, true, [19, 4], [12, 4], [19, 11]],
    ],
    [
      [0, true, [11, 9], [18, 9], [11, 2]],
      [2, true, [15, 3], [8, 3], [15, 10]],
    ],
  ]);
});

/** The chi-squared statistic of counts that should be equal. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function counted(values: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, i) => values.filter((value) => value === i).length);
}

test('crops lie everywhere alike, up to the last column and row', async () => {
  const plain = { flip: false, rotate: false };
  const found = await Promise.all(
    Array.from({ length: 13 }, (_, iteration) => samples({ iteration, size: 100, augment: plain })),
  );
  const corners = found.flat().map(([, , corner]) => corner);
  const columns = counted(
    corners.map(([x]) => x!),
    WIDTH - CROP + 1,
  );
  const rows = counted(
    corners.map(([, y]) => y!),
    HEIGHT - CROP + 1,
  );
  for (const counts of [columns, rows]) expect(counts.reduce((sum, count) => sum + count, 0)).toBe(corners.length);
  expect(chiSquare(columns)).toBeLessThan(32.9); // 99.9 % of chi-square, 12 degrees of freedom
  expect(chiSquare(rows)).toBeLessThan(18.5); // 4 degrees of freedom
});

test('half of the samples are mirrored, a quarter each turned by 0, 90, 180 and 270 degrees', async () => {
  const found = (
    await Promise.all(Array.from({ length: 8 }, (_, iteration) => samples({ iteration, size: 100 })))
  ).flat();
  expect(
    chiSquare(
      counted(
        found.map(([, flipped]) => Number(flipped)),
        2,
      ),
    ),
  ).toBeLessThan(10.8);
  const turns = found.map(([, flipped, [x0, y0], [x1, y1]]) => {
    const [dx, dy] = [Math.sign(x1! - x0!) * (flipped ? -1 : 1), Math.sign(y1! - y0!)];
    return [dx === 1, dy === -1, dx === -1, dy === 1].indexOf(true);
  });
  expect(chiSquare(counted(turns, 4))).toBeLessThan(16.3);
  const plain = (await samples({ size: 50, augment: { flip: false, rotate: false } })).map(([, flipped]) => flipped);
  expect(plain).not.toContain(true);
});

describe('what is held out', () => {
  const held = async (seed: number, limit = 12) => {
    const data = new Avatars({ size: 8, seed, limit, holdOut: 3 });
    await data.prepare();
    const { heldOut } = data;
    return Array.from({ length: heldOut!.length }, (_, i) => heldOut!.name(i));
  };

  test('follows from the seed', async () => {
    expect(await held(4)).toEqual(['avatar-0', 'avatar-3', 'avatar-10']);
    expect(await held(5)).toEqual(['avatar-0', 'avatar-9', 'avatar-10']);
  });

  test('is any image alike', async () => {
    const all = await Promise.all(Array.from({ length: 1200 }, (_, seed) => held(seed)));
    const counts = counted(
      all.flat().map((name) => Number(name.slice(7))),
      12,
    );
    expect(chiSquare(counts)).toBeLessThan(31.3); // 11 degrees of freedom
  });
});

describe('a pair', () => {
  /** Writes what it draws. */
  const drawn = {
    bind: () => (image: Image, stream: Stream) => ({ ...image, data: Uint8Array.of(stream.integer(256)) }),
  };
  const at = async (index: number, ...degradation: Degradation[]) => {
    const data = new Avatars({ size: 16, seed: 1, limit: 4, holdOut: 0, degradation });
    await data.prepare();
    return [...(await pairAt(data, index)).degraded.data];
  };

  test('is degraded by the stream of its name, the same each time', async () => {
    const found = [];
    for (const index of [0, 1, 2, 3]) found.push((await at(index, drawn))[0]);
    expect(found).toEqual([73, 104, 213, 133]);
  });

  test('has its noise once for all, another one for another image', async () => {
    const blur = new MotionBlur({
      kernels: new CameraShake({ count: 1, size: 3, reference: 512 }),
      border: 'reflect',
      noise: 20,
      quantize: true,
    });
    const [first, again, clean] = [await at(2, blur), await at(2, blur), await at(2)];
    expect(again).toEqual(first);
    expect(first).not.toEqual(clean);
    const noise = new GaussianNoise({ sigma: 20, gray: 0, quantize: false });
    const [a, b] = [await at(0, noise), await at(1, noise)];
    const [cleanA, cleanB] = [await at(0), await at(1)];
    expect([...a].map((value, i) => value - cleanA[i]!)).not.toEqual([...b].map((value, i) => value - cleanB[i]!));
  });
});

describe('a range', () => {
  test('is drawn from evenly, from end to end', () => {
    const draw = drawing([10, 30], 'sigma');
    const values = Array.from({ length: 10_000 }, (_, i) => draw(random.stream('range', i))).sort((a, b) => a - b);
    const distance = values.map((value, i) => Math.abs((value - 10) / 20 - (i + 0.5) / values.length));
    expect(100 * Math.max(...distance)).toBeLessThan(1.95); // Kolmogorov and Smirnov, 99.9 %
    expect([drawing(7, 'sigma')(random.stream('range'))]).toEqual([7]);
  });

  test('of noise is that of its deviations', () => {
    const noise = new GaussianNoise({ sigma: [10, 30], gray: 0, quantize: false }).bind(random);
    const image: Image = { width: 24, height: 24, data: new Uint8Array(3 * 24 * 24).fill(128) };
    const deviations = Array.from({ length: 300 }, (_, i) => {
      const { data } = noise(image, random.stream('noise', i)) as Image;
      return Math.sqrt([...data].reduce((sum, value) => sum + (value - 128) ** 2, 0) / data.length);
    });
    expect(Math.min(...deviations)).toBeGreaterThan(9);
    expect(Math.min(...deviations)).toBeLessThan(10.8);
    expect(Math.max(...deviations)).toBeGreaterThan(29);
    expect(Math.max(...deviations)).toBeLessThan(32.5);
    const mean = deviations.reduce((sum, value) => sum + value, 0) / deviations.length;
    expect(Math.abs(mean - 20)).toBeLessThan((3.3 * 20) / Math.sqrt(12 * deviations.length));
  });
});
