import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { alignFace } from './align-face.ts';
import { faceSquare, inImage, inSquare, sideOf } from './face-square.ts';

interface Case {
  readonly name: string;
  readonly size: readonly [width: number, height: number];
  readonly side: number;
  readonly landmarks: readonly (readonly [x: number, y: number])[];
  /** Every 7th value of the crop. */
  readonly values: readonly number[];
}

/** By FFHQ's own code: `testing/ffhq-crops.py`. */
const CASES = JSON.parse(readFileSync(new URL('./testing/ffhq-crops.json', import.meta.url), 'utf8')) as Case[];
const EVERY = 7;

/** The picture of `ffhq-crops.py`. */
function picture([width, height]: Case['size']) {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const waves = 128 + 60 * Math.sin(x / 9 + c) * Math.cos(y / 7 - c) + 40 * Math.sin((x * x + y * y) / 900);
    return Math.min(255, Math.max(0, Math.floor(waves)));
  });
  return { width, height, data };
}

const squareOf = ({ landmarks }: Case) => faceSquare(landmarks.map(([x, y]) => ({ x, y })));

test.each(CASES.map((each) => [each.name, each] as const))("a face %s: FFHQ's crop", (_, each) => {
  const { data } = alignFace(picture(each.size), squareOf(each), each.side);
  expect(data).toHaveLength(3 * each.side ** 2);
  const differences = each.values.map((value, i) => data[EVERY * i]! - value);
  const mean = differences.reduce((sum, difference) => sum + Math.abs(difference), 0) / differences.length;
  // Pillow rounds down where it turns a picture: half a level in the mean.
  expect(mean).toBeLessThan(0.7);
  expect(Math.max(...differences.map(Math.abs))).toBeLessThan(3.5);
});

test('places in a square and in its image', () => {
  const square = squareOf(CASES[1]!);
  const [corner, beside] = [inImage(square, 0, 0), inImage(square, 1, 0)];
  expect(Math.hypot(beside.x - corner.x, beside.y - corner.y)).toBeCloseTo(sideOf(square), 6);
  const { u, v } = inSquare(square, inImage(square, 0.3, 0.9));
  expect([u, v]).toEqual([expect.closeTo(0.3, 6), expect.closeTo(0.9, 6)]);
});
