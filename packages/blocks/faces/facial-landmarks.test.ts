import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { standInForMissingFiles, UserError } from '@dualprior/core';
import type { Dataset } from '../data/dataset.ts';
import { FacialLandmarks } from './facial-landmarks.ts';

const FACE = { left_eye: [150, 200, 20], right_eye: [350, 210, 30], mouth: [256, 400, 50] };
const OPTIONS = { side: 512, eyeEnlargement: 1.4 };

function file(content: unknown, name = 'landmarks.json'): string {
  const path = join(mkdtempSync(join(tmpdir(), 'landmarks-')), name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function landmarks(faces: unknown): FacialLandmarks {
  return new FacialLandmarks(file(faces), OPTIONS);
}

const shown = (name: string, flipped = false) => ({ name, flipped });
const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 4) as unknown);

describe('the squares around the parts of a face', () => {
  test('are the official ones, the eyes enlarged', () => {
    const boxes = landmarks({ a: FACE }).boxes([shown('a')], 512);
    expect([...boxes]).toEqual(close([123, 173, 178, 228, 309, 169, 392, 252, 207, 351, 306, 450]));
  });

  test('of a mirrored face: the eyes change places', () => {
    const boxes = landmarks({ a: FACE }).boxes([shown('a', true)], 512);
    const [left, right, mouth] = [0, 4, 8].map((begin) => [...boxes.subarray(begin, begin + 4)]);
    expect(left).toEqual(close([121, 169, 204, 252]));
    expect(right).toEqual(close([335, 173, 390, 228]));
    expect(mouth).toEqual(close([207, 351, 306, 450]));
  });

  test('are those of a usual face where a rehearsal lacks the file', () => {
    const missing = join(tmpdir(), 'no-such-landmarks.pth');
    const told: string[] = [];
    standInForMissingFiles((line) => told.push(line));
    try {
      const [left, right, mouth] = [0, 4, 8].map((begin) =>
        new FacialLandmarks(missing, OPTIONS).boxes([shown('any')], 256).slice(begin, begin + 4),
      ) as [Float32Array, Float32Array, Float32Array];
      expect(left[2]).toBeLessThan(right[0]!);
      expect(mouth[1]).toBeGreaterThan(left[3]!);
      expect(new Set(told)).toEqual(new Set([`squares of a usual face for the missing file ${missing}`]));
    } finally {
      standInForMissingFiles(undefined);
    }
    expect(() => new FacialLandmarks(missing, OPTIONS)).toThrow(UserError);
  });

  test('shrink with the image, and come face by face', () => {
    const two = { a: FACE, b: { ...FACE, mouth: [240, 400, 48] } };
    const boxes = landmarks(two).boxes([shown('b'), shown('a')], 64);
    expect(boxes).toHaveLength(24);
    expect([...boxes.subarray(8, 12)]).toEqual(close([30 - 6 + 1, 50 - 6 + 1, 36, 56]));
    expect([...boxes.subarray(20, 24)]).toEqual(close([32 - 6.25 + 1, 50 - 6.25 + 1, 38.25, 56.25]));
  });

  test('reading twice changes nothing', () => {
    const one = landmarks({ a: FACE });
    const first = one.boxes([shown('a', true)], 512);
    expect(one.boxes([shown('a', true)], 512)).toEqual(first);
  });

  test.each(['faces/00012.png', '12.jpg', '00000012', 'deep/er/00000012.webp'])('are found for %s', (name) => {
    const boxes = landmarks({ '00000012': FACE }).boxes([shown(name)], 512);
    expect(boxes[8]).toBe(207);
  });

  test('the name as it stands comes first', () => {
    const boxes = landmarks({ 'a/1.png': FACE, '1': { ...FACE, mouth: [100, 100, 10] } }).boxes(
      [shown('a/1.png')],
      512,
    );
    expect(boxes[8]).toBe(207);
  });
});

describe('errors', () => {
  const dataset = (...names: string[]) =>
    ({
      length: names.length,
      name: (i: number) => names[i]!,
      size: () => ({ width: 512, height: 512 }),
    }) as unknown as Dataset;

  test.each([
    [
      'no file',
      () => new FacialLandmarks('/no/such.json', OPTIONS),
      /Cannot read \/no\/such.json: there is no such file/,
    ],
    [
      'no checkpoint',
      () => new FacialLandmarks('/no/such.pth', OPTIONS),
      /Cannot read \/no\/such.pth: there is no such file/,
    ],
    ['no JSON', () => new FacialLandmarks(file('{"a": '), OPTIONS), /landmarks.json is not JSON/],
    ['a list', () => landmarks([FACE]), /holds no landmarks: they are an object of images/],
    ['nothing in it', () => landmarks({}), /has no landmarks of any image/],
    [
      'a damaged checkpoint',
      () => new FacialLandmarks(file('no zip', 'l.pth'), OPTIONS),
      /l.pth is not a PyTorch checkpoint/,
    ],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(UserError);
    expect(make).toThrow(message);
  });

  test.each([
    [
      'an image that it lacks',
      { '00001': FACE },
      /no landmarks of the image 7\.png \(looked for "7\.png", "7", "00000007"\)/,
    ],
    ['a part that is missing', { '7': { left_eye: [1, 2, 3] } }, /"7" has no "right_eye"/],
    ['two numbers', { '7': { ...FACE, mouth: [1, 2] } }, /"mouth" of "7" is not three numbers .*found \[1,2\]/],
    ['no size', { '7': { ...FACE, mouth: [1, 2, 0] } }, /"mouth" of "7" is not three numbers/],
    [
      'a place outside',
      { '7': { ...FACE, mouth: [600, 400, 50] } },
      /"mouth" of "7" is outside of the image: .* 512x512/,
    ],
    [
      'a size beyond the image',
      { '7': { ...FACE, left_eye: [256, 256, 200] } },
      /"left_eye" of "7" is larger than the image/,
    ],
    ['no face', { '7': null }, /"7" has no "left_eye"/],
  ])('of a data set: %s', (_, faces, message) => {
    const one = landmarks(faces);
    expect(() => one.check(dataset('7.png'))).toThrow(UserError);
    expect(() => one.check(dataset('7.png'))).toThrow(message);
  });

  test('every image of a data set is looked at', () => {
    const one = landmarks({ '1': FACE });
    expect(() => one.check(dataset('1.png'))).not.toThrow();
    expect(() => one.check(dataset('1.png', '2.png'))).toThrow(/no landmarks of the image 2.png/);
  });
});
