import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { FaceDetector } from '@dualprior/blocks';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { facesOf, FACES, SHARED_FACES } from '../faces/testing/shared-faces.ts';
import type { OpenMethod } from './open-method.ts';
import { openRestorer } from './open-restorer.ts';

jest.setTimeout(120_000);

beforeAll(() => void loadEngine());

const CALL = { signal: new AbortController().signal, progress: () => {} };

const darker: OpenMethod = {
  name: 'a method',
  method: {
    restore: (image: Tensor4D) => tf.mul(image, 0.5),
    parameters: 0,
    multiple: 1,
    size: 128,
    isForAlignedFaces: true,
  },
  notes: [],
  dispose: () => {},
};

const at = ({ width, data }: { width: number; data: ArrayLike<number> }, x: number, y: number) =>
  [0, 1, 2].map((c) => data[3 * (y * width + x) + c]!);

const withFaces = existsSync(FACES) ? describe : describe.skip;

withFaces(`real faces in photographs (skipped without ${SHARED_FACES})`, () => {
  /** Faces at places of a grey picture, turned by so many degrees. */
  async function photograph(
    places: readonly { readonly left: number; readonly top: number; readonly turn?: number }[],
  ) {
    const parts = await Promise.all(
      facesOf(places.length).map(async (file, i) => {
        const { turn = 0, left, top } = places[i]!;
        const face = await sharp(file).resize(220, 220).png().toBuffer();
        const turned = await sharp(face).rotate(turn, { background: '#777' }).png().toBuffer();
        // What lies beyond the border is cut off.
        const { width, height } = await sharp(turned).metadata();
        const [x, y] = [Math.max(0, -left), Math.max(0, -top)];
        const part = { left: x, top: y, width: width - x, height: height - y };
        return { input: await sharp(turned).extract(part).png().toBuffer(), left: left + x, top: top + y };
      }),
    );
    const canvas = sharp({ create: { width: 760, height: 420, channels: 3, background: '#777' } });
    const { data } = await sharp(await canvas.composite(parts).png().toBuffer())
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: 760, height: 420, data: new Uint8Array(data), white: 255 };
  }

  test('several, turned, at the border: each is restored where it is', async () => {
    const picture = await photograph([
      { left: -30, top: -20 },
      { left: 240, top: 60, turn: 30 },
      { left: 530, top: 190, turn: -20 },
    ]);
    const restorer = await openRestorer(darker, {});
    try {
      const result = await restorer.restore(picture, CALL);
      expect(result.faces).toBe(3);
      // The middle of each face is half as bright, the corners of the picture are as before.
      for (const [x, y] of [
        [80, 90],
        [390, 210],
        [667, 327],
      ] as const) {
        at(result, x, y).forEach((value, c) => expect(value).toBeCloseTo(at(picture, x, y)[c]! / 510, 1));
      }
      for (const [x, y] of [
        [755, 5],
        [5, 415],
      ] as const) {
        expect(at(result, x, y)).toEqual(at(picture, x, y).map((value) => Math.fround(value / 255)));
      }
    } finally {
      restorer.dispose();
    }
  });

  test('blurred and small ones are found', async () => {
    const places = [
      { left: 20, top: 100 },
      { left: 260, top: 60, turn: 20 },
      { left: 530, top: 100 },
    ];
    const { data, width, height } = await photograph(places);
    const blurred = sharp(data, { raw: { width, height, channels: 3 } }).blur(2);
    // Here the detector would see faces of 47 pixels, if it saw all at once.
    const distant = sharp(await blurred.clone().png().toBuffer())
      .resize(width / 2, height / 2)
      .extend({ right: 800, bottom: 600, background: '#777' });
    const detector = new FaceDetector();
    try {
      for (const each of [blurred, distant]) {
        const { data: pixels, info } = await each.raw().toBuffer({ resolveWithObject: true });
        const found = await detector.find({ width: info.width, height: info.height, data: new Uint8Array(pixels) });
        expect(found).toHaveLength(3);
      }
    } finally {
      detector.dispose();
    }
  });

  test('the squares of turned faces are turned', async () => {
    const detector = new FaceDetector();
    try {
      const [face, ...others] = await detector.find(await photograph([{ left: 200, top: 40, turn: 35 }]));
      expect(others).toEqual([]);
      const { right, centre } = face!.square;
      expect((Math.atan2(right.y, right.x) / Math.PI) * 180).toBeCloseTo(35, -1);
      const middle = (220 * (Math.cos((35 / 180) * Math.PI) + Math.sin((35 / 180) * Math.PI))) / 2;
      expect(Math.hypot(centre.x - 200 - middle, centre.y - 40 - middle)).toBeLessThan(0.06 * 220);
    } finally {
      detector.dispose();
    }
  });
});
