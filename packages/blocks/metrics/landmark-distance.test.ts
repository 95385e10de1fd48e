import { afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import { FaceDetector, type Face } from '../faces/detector/face-detector.ts';
import type { Image } from '../images/image.ts';
import { LandmarkDistanceMetric, meanDistance } from './landmark-distance.ts';

beforeAll(() => void loadEngine());
afterEach(() => void jest.restoreAllMocks());

const plain = (width: number, height: number, level = 128): Image => ({
  width,
  height,
  data: new Uint8Array(3 * width * height).fill(level),
});

test('is the mean distance of points', () => {
  const points = [
    { x: 1, y: 2 },
    { x: 5, y: 5 },
  ];
  const moved = [
    { x: 4, y: 6 },
    { x: 5, y: 4 },
  ];
  expect(meanDistance(points, moved)).toBe((5 + 1) / 2);
});

test('is infinite where there is no face; images of different sizes are an error', async () => {
  const metric = new LandmarkDistanceMetric();
  await metric.prepare();
  expect(await metric.measure(plain(96, 96), plain(96, 96))).toEqual([Infinity]);
  await expect(metric.measure(plain(96, 96), plain(96, 80))).rejects.toThrow(/96x96/);
  metric.dispose();
});

test('dispose frees the detector, which may be made again', async () => {
  const before = tf.memory().numTensors;
  const metric = new LandmarkDistanceMetric();
  metric.dispose();
  await metric.prepare();
  const prepared = tf.memory().numTensors;
  expect(prepared).toBeGreaterThan(before);
  await metric.prepare();
  expect(tf.memory().numTensors).toBe(prepared);
  metric.dispose();
  expect(tf.memory().numTensors).toBe(before);
  await metric.prepare();
  expect(await metric.measure(plain(96, 96), plain(96, 96))).toEqual([Infinity]);
  metric.dispose();
});

describe('where the detector finds faces', () => {
  const [RESTORED, SHARP] = [10, 20];

  /** A face at a place, with one landmark there. */
  const face = (x: number, y: number): Face => ({
    square: { centre: { x, y }, right: { x: 10, y: 0 } },
    landmarks: [{ x, y }],
  });

  /** What is measured of images of 200x100, of which the detector finds these faces. */
  async function measured(restored: readonly Face[], sharp: readonly Face[]) {
    const { metric, measure } = await prepared(restored, sharp);
    const values = await measure();
    metric.dispose();
    return values;
  }

  /** The same, to measure several times, and which levels the detector was shown. */
  async function prepared(restored: readonly Face[], sharp: readonly Face[]) {
    const shown: number[] = [];
    jest.spyOn(FaceDetector.prototype, 'find').mockImplementation((image) => {
      shown.push(image.data[0]!);
      return Promise.resolve([...(image.data[0] === SHARP ? sharp : restored)]);
    });
    const metric = new LandmarkDistanceMetric();
    await metric.prepare();
    const measure = () => metric.measure(plain(200, 100, RESTORED), plain(200, 100, SHARP));
    return { metric, measure, shown };
  }

  test('it is in percent of the width', async () => {
    const values = await measured([face(103, 54)], [face(100, 50)]);
    expect(values).toEqual([(100 * 5) / 200]);
  });

  test('the one nearest the middle counts, in both directions', async () => {
    const nearest = face(90, 50);
    const far = [face(40, 50), face(100, 5), face(170, 50), face(100, 95)];
    const values = await measured([far[0]!, far[1]!, nearest, far[2]!, far[3]!], [nearest, ...far]);
    expect(values).toEqual([0]);
  });

  test('only in one image, it is infinite', async () => {
    expect(await measured([], [face(100, 50)])).toEqual([Infinity]);
    expect(await measured([face(100, 50)], [])).toEqual([Infinity]);
  });

  test('a sharp image is looked at once for all methods, until dispose', async () => {
    const { metric, measure, shown } = await prepared([face(100, 50)], [face(100, 50)]);
    await measure();
    await measure();
    metric.dispose();
    await metric.prepare();
    shown.push(-1);
    await measure();
    metric.dispose();
    expect(shown).toEqual([SHARP, RESTORED, RESTORED, -1, SHARP, RESTORED]);
  });
});
