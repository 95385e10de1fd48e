import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { FaceDetector, FacialLandmarks, inSquare, decode, middle, partsOf, type Face } from '@dualprior/blocks';
import sharp from 'sharp';
import { Console } from '../console/console.ts';
import { alignFolder } from './align-folder.ts';
import { landmarksOfFolder } from './landmarks-of-folder.ts';
import { facesOf, FACES, SHARED_FACES } from './testing/shared-faces.ts';

jest.setTimeout(120_000);

const context = { console: new Console(), signal: new AbortController().signal, force: false };
const folder = () => mkdtempSync(join(tmpdir(), 'faces-'));
const grey = { create: { width: 200, height: 150, channels: 3 as const, background: 'grey' } };

/** Where eyes and corners of the mouth are in the crop that a face gives, and in the image. */
function placesOf({ landmarks, square }: Face, side: number) {
  const { leftEye, rightEye } = partsOf(landmarks);
  return [leftEye, rightEye, [landmarks[48]!, landmarks[54]!]].map((points) => {
    const place = middle(points);
    const { u, v } = inSquare(square, place);
    return { aligned: [u, v], found: [(place.x + 0.5) / side, (place.y + 0.5) / side] } as const; // parts of the side
  });
}

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

test('a folder without images is an error', async () => {
  const empty = folder();
  const output = join(folder(), 'out');
  await expect(alignFolder({ ...context, folder: empty, output, size: 64 })).rejects.toThrow(/holds no images/);
  await expect(landmarksOfFolder({ ...context, folder: empty, output })).rejects.toThrow(/holds no images/);
});

test('what is no face or no image is listed, and no crop is made of it', async () => {
  const [photos, output] = [folder(), folder()];
  await sharp(grey).png().toFile(join(photos, 'grey.png'));
  writeFileSync(join(photos, 'text.png'), 'text');
  const result = await alignFolder({ ...context, folder: photos, output, size: 64 });
  expect(result.failures.map(({ reason }) => reason)).toEqual([
    'no face was found',
    expect.stringMatching(/not an image/),
  ]);
  expect(readdirSync(output)).toEqual([]);
  const file = join(folder(), 'landmarks.json');
  expect(await landmarksOfFolder({ ...context, folder: photos, output: file })).toMatchObject({
    found: 0,
    failures: [{ reason: 'no face was found' }, { reason: expect.stringMatching(/not an image/) }],
  });
});

test('an output that is something else is not written over', async () => {
  const [photos, file] = [folder(), join(folder(), 'other.json')];
  await sharp(grey).png().toFile(join(photos, 'grey.png'));
  writeFileSync(file, '[1]');
  await expect(landmarksOfFolder({ ...context, folder: photos, output: file })).rejects.toThrow(/holds no landmarks/);
  expect(readFileSync(file, 'utf8')).toBe('[1]');
});

const withFaces = existsSync(FACES) ? describe : describe.skip;

withFaces(`real faces (skipped without ${SHARED_FACES})`, () => {
  test('are found where an aligned face has its eyes and its mouth', async () => {
    const detector = new FaceDetector();
    const distances: number[] = [];
    try {
      for (const file of facesOf(12)) {
        const image = await decode(file, undefined);
        const faces = await detector.find(image);
        expect([file, faces.length]).toEqual([file, 1]);
        const places = placesOf(faces[0]!, image.width);
        distances.push(Math.max(...places.map(({ aligned: [u, v], found: [x, y] }) => Math.hypot(u - x, v - y))));
      }
    } finally {
      detector.dispose();
    }
    // Of all 128 faces 3 are further off.
    expect(distances.filter((distance) => distance > 0.03).length).toBeLessThanOrEqual(1);
    expect(distances.reduce((a, b) => a + b) / distances.length).toBeLessThan(0.014);
  });

  test('several in a photograph give a crop each, one a crop of its name; the same call keeps what is there', async () => {
    const [photos, output] = [folder(), folder()];
    mkdirSync(join(photos, 'deep'));
    const [one, two] = facesOf(2).map((file) => sharp(file).resize(200, 200).png().toBuffer());
    const canvas = sharp({ create: { ...grey.create, width: 520, height: 260 } });
    const composed = [
      { input: await one!, left: 20, top: 20 },
      { input: await two!, left: 300, top: 40 },
    ];
    await canvas
      .composite(composed)
      .png()
      .toFile(join(photos, 'deep', 'both.png'));
    await sharp(await one!)
      .jpeg()
      .toFile(join(photos, 'one.jpg'));
    const call = () => alignFolder({ ...context, folder: photos, output, size: 96 });
    const { crops, failures } = await call();
    expect(failures).toEqual([]);
    expect(crops).toEqual(['deep/both-1.png', 'deep/both-2.png', 'one.png'].map((name) => join(output, name)));
    // The crop of an aligned face shows that face.
    const of = (input: string | Buffer) => sharp(input).resize(96, 96).blur(2).raw().toBuffer();
    const [a, b, first, second] = await Promise.all([crops[0]!, crops[1]!, await one!, await two!].map(of));
    expect(meanDifference(a!, first!)).toBeLessThan(meanDifference(a!, second!) / 2);
    expect(meanDifference(b!, second!)).toBeLessThan(meanDifference(b!, first!) / 2);
    expect(await call()).toMatchObject({ crops: [], kept: [expect.any(String), expect.any(String)] });
  });

  test("landmarks are what GFP-GAN's stage reads", async () => {
    const [photos, file] = [folder(), join(folder(), 'landmarks.json')];
    for (const [i, face] of facesOf(2).entries())
      await sharp(face)
        .png()
        .toFile(join(photos, `${i}.png`));
    expect(await landmarksOfFolder({ ...context, folder: photos, output: file })).toMatchObject({ found: 2, kept: 0 });
    const landmarks = new FacialLandmarks(file, { side: 512, eyeEnlargement: 1.4 });
    const boxes = landmarks.boxes([{ name: '1.png', flipped: false }], 512);
    const middles = [0, 4, 8].map((i) => [(boxes[i]! + boxes[i + 2]!) / 1024, (boxes[i + 1]! + boxes[i + 3]!) / 1024]);
    const usual = [
      [0.38, 0.47],
      [0.62, 0.47],
      [0.5, 0.74],
    ];
    middles.forEach(([x, y], i) => expect(Math.hypot(x! - usual[i]![0]!, y! - usual[i]![1]!)).toBeLessThan(0.04));
    expect(await landmarksOfFolder({ ...context, folder: photos, output: file })).toMatchObject({ found: 0, kept: 2 });
  });
});
