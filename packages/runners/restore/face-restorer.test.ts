import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Face, Square } from '@dualprior/blocks';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Method } from '../methods/method.ts';
import { FaceRestorer } from './face-restorer.ts';
import type { OpenMethod } from './open-method.ts';
import { openRestorer } from './open-restorer.ts';
import { PictureRestorer } from './picture-restorer.ts';
import type { Picture } from './picture.ts';
import { levelsBetween, wavyPicture } from './testing/pictures.ts';

jest.setTimeout(120_000);

beforeAll(() => void loadEngine());

const SIDE = 128;
const CALL = { signal: new AbortController().signal, progress: () => {} };

function opened(restore: (image: Tensor4D) => Tensor4D, facts: Partial<Method> = {}): OpenMethod {
  return { name: 'a method', method: { restore, parameters: 0, multiple: 1, ...facts }, notes: [], dispose: () => {} };
}

const forFaces = { size: SIDE, isForAlignedFaces: true };
const darker = opened((image) => tf.mul(image, 0.5), forFaces);
const same = opened((image) => tf.mul(image, 1), forFaces);
const brighter = opened((image) => tf.add(tf.mul(image, 0.5), 0.5));

function square(x: number, y: number, side: number, turn = 0): Square {
  return { centre: { x, y }, right: { x: (side / 2) * Math.cos(turn), y: (side / 2) * Math.sin(turn) } };
}

/** Restores a picture with faces at these places. */
async function restored(method: OpenMethod, picture: Picture, squares: readonly Square[], background?: OpenMethod) {
  const faces = squares.map((each): Face => ({ square: each, landmarks: [] }));
  const restorer = new FaceRestorer({
    faces: new PictureRestorer(method),
    side: SIDE,
    background: background && new PictureRestorer(background, { tile: 1024 }),
    finder: { find: () => Promise.resolve(faces), dispose: () => {} },
  });
  try {
    return await restorer.restore(picture, CALL);
  } finally {
    restorer.dispose();
  }
}

const at = ({ width, data }: { width: number; data: ArrayLike<number> }, x: number, y: number) =>
  [0, 1, 2].map((c) => data[3 * (y * width + x) + c]!);
const fractions = ({ data, white }: Picture) => Float32Array.from(data, (value) => value / white);

/** A picture of slow waves, which survives being turned and made smaller. */
function smooth(width: number, height: number): Picture {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return Math.round(128 + 90 * Math.sin(x / 23 + c) * Math.cos(y / 19 - c));
  });
  return { width, height, data, white: 255 };
}

describe('faces at known places', () => {
  test.each([
    ['of the size of the crops', [square(100, 100, 128)]],
    ['small', [square(100.4, 90.7, 60, 0.3)]],
    ['large', [square(150, 140, 260, -0.2)]],
    ['turned far', [square(150, 120, 150, 2.5)]],
    ['at the border', [square(15, 20, 130, 0.2), square(290, 270, 120, -0.4)]],
    ['over each other', [square(110, 120, 140, 0.1), square(180, 130, 130, -0.2)]],
  ])('%s: what is not changed comes back to its place', async (_, squares) => {
    const picture = smooth(300, 280);
    const { data } = await restored(same, picture, squares);
    expect(levelsBetween(data, fractions(picture))).toBeLessThan(3);
  });

  test('are restored, and fade into what is around them, which stays as it is', async () => {
    const picture: Picture = { width: 300, height: 200, data: new Uint8Array(300 * 200 * 3).fill(200), white: 255 };
    const result = await restored(darker, picture, [square(150, 100, 128)]);
    expect(result.faces).toBe(1);
    expect(at(result, 150, 100)).toEqual(Array(3).fill(expect.closeTo(100 / 255, 3)));
    expect(at(result, 80, 100)).toEqual(Array(3).fill(Math.fround(200 / 255)));
    const row = Array.from({ length: 70 }, (_, i) => at(result, 80 + i, 100)[0]!);
    row.slice(1).forEach((value, i) => {
      expect(value).toBeLessThanOrEqual(row[i]! + 1e-6);
      expect(row[i]! - value).toBeLessThan(0.06);
    });
  });

  test('with a background, the rest is restored by that', async () => {
    const picture: Picture = { width: 300, height: 200, data: new Uint8Array(300 * 200 * 3).fill(200), white: 255 };
    const result = await restored(darker, picture, [square(150, 100, 128)], brighter);
    expect(at(result, 150, 100)).toEqual(Array(3).fill(expect.closeTo(100 / 255, 3)));
    expect(at(result, 10, 10)).toEqual(Array(3).fill(expect.closeTo(100 / 255 + 0.5, 3)));
  });

  test('16 bits keep their fractions', async () => {
    const picture: Picture = {
      width: 200,
      height: 200,
      data: new Uint16Array(200 * 200 * 3).fill(30_001),
      white: 65_535,
    };
    const { data } = await restored(same, picture, [square(100, 100, 100)]);
    expect(Math.max(...data.map((value) => Math.abs(value * 65_535 - 30_001)))).toBeLessThan(1);
  });

  test('far larger than the crops: a note', async () => {
    const squares = [square(200, 180, 300), square(80, 80, 130)];
    const { notes } = await restored(same, smooth(400, 380), squares);
    expect(notes).toEqual(['1 face of up to 300 pixels a side became softer: the method restores 128x128']);
  });

  test('none: a note, and the picture as it was', async () => {
    const picture = wavyPicture(60, 50);
    const result = await restored(darker, picture, []);
    expect(result).toMatchObject({ faces: 0, notes: [expect.stringMatching(/^no face was found.*--aligned/)] });
    expect(result.data).toEqual(fractions(picture));
  });
});

test('a photograph of exactly the size of a crop is one, where crops are taken', async () => {
  const restorer = await openRestorer(darker, { takesCrops: true });
  try {
    const picture = wavyPicture(128, 128);
    const { faces, data } = await restorer.restore(picture, CALL);
    expect(faces).toBeUndefined();
    const expected = fractions(picture).map((value) => 0.5 * value);
    expect(levelsBetween(data, expected)).toBeLessThan(0.01);
  } finally {
    restorer.dispose();
  }
});

test('an ensemble shows a method for faces upright ones only: a crop and its mirror image', async () => {
  // Darker to the left and to the top: by the mirror image equally dark to both sides, but as much darker to the top.
  const shaded = opened((image) => {
    const ramp = tf.linspace(0, 1, SIDE);
    return tf.mul(tf.mul(image, tf.reshape(ramp, [1, 1, SIDE, 1])), tf.reshape(ramp, [1, SIDE, 1, 1]));
  }, forFaces);
  const restorer = await openRestorer(shaded, { ensemble: true, aligned: true });
  try {
    const picture: Picture = { width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE * 3).fill(200), white: 255 };
    const { data } = await restorer.restore(picture, CALL);
    const row = (i: number) => Math.floor(i / 3 / SIDE);
    const expected = data.map((_, i) => ((200 / 255) * 0.5 * row(i)) / (SIDE - 1));
    expect(levelsBetween(data, expected)).toBeLessThan(0.001);
  } finally {
    restorer.dispose();
  }
});

test('a method says whether faces are to be found for it', async () => {
  const whole = opened((image) => image);
  expect(await openRestorer(whole, {})).toBeInstanceOf(PictureRestorer);
  expect(await openRestorer(darker, { aligned: true })).toBeInstanceOf(PictureRestorer);
  const found = await openRestorer(darker, {}, () => Promise.resolve(whole));
  expect(found).toBeInstanceOf(FaceRestorer);
  found.dispose();
  await expect(openRestorer(whole, { aligned: true })).rejects.toThrow(/--aligned is for methods of aligned faces/);
  await expect(openRestorer(whole, {}, () => Promise.resolve(whole))).rejects.toThrow(
    /--background is for methods of aligned faces/,
  );
  await expect(openRestorer(darker, { aligned: true }, () => Promise.resolve(whole))).rejects.toThrow(/leave one out/);
  await expect(openRestorer(darker, {}, () => Promise.resolve(darker))).rejects.toThrow(/takes 128x128 only/);
  const aligned = await openRestorer(darker, { aligned: true });
  expect(() => aligned.check({ width: 300, height: 200 })).toThrow(/without --aligned, faces are found/);
});
