import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { TNetInput } from '@vladmandic/face-api';
import { Avatars } from '../data/avatars.ts';
import { loadFaceApi, withItsWeights } from '../faces/detector/face-api.ts';
import { FaceApiSubstitute } from './face-api-substitute.ts';

const extractor = new FaceApiSubstitute({});

beforeAll(async () => {
  loadEngine();
  await extractor.prepare();
});

afterAll(() => extractor.dispose());

const [LAYER] = extractor.layers as [string];

/** Levels of drawn faces, (1, side, side, 3). */
async function drawn(side: number, index: number): Promise<Tensor4D> {
  const avatars = new Avatars({ size: side, seed: 5, holdOut: 0 });
  await avatars.prepare();
  return tf.tensor4d(Float32Array.from((await avatars.read(index)).data), [1, side, side, 3]);
}

// The square that the network sees lies in whole pixels.
test.each([
  [64, { left: 10, top: 18, side: 43 }],
  [256, { left: 41, top: 70, side: 173 }],
])("the vector of a face of %i pixels is face-api's own of the middle of the face", async (side, face) => {
  const { FaceRecognitionNet } = loadFaceApi();
  const theirs = withItsWeights(new FaceRecognitionNet(), 'face_recognition_model');
  for (const index of [0, 1, 2]) {
    const levels = await drawn(side, index);
    const middle = tf.slice(levels, [0, face.top, face.left, 0], [1, face.side, face.side, 3]);
    const expected = (await theirs.computeFaceDescriptor(middle as unknown as TNetInput)) as Float32Array;
    const [vector] = extractor.taps(tf.div(levels, 255), [LAYER]);
    expect(vector!.shape).toEqual([1, 1, 1, 128]);
    const ours = vector!.dataSync();
    const largest = Math.max(...expected.map(Math.abs));
    expect(largest).toBeGreaterThan(0.1);
    expect(Math.max(...expected.map((value, i) => Math.abs(ours[i]! - value)))).toBeLessThan(1e-5 * largest);
  }
  theirs.dispose();
});

test('a batch has the vectors of its images', async () => {
  const images = [await drawn(64, 0), await drawn(64, 1)].map((levels) => tf.div<Tensor4D>(levels, 255));
  const [both] = extractor.taps(tf.concat(images), [LAYER]);
  const each = images.map((image) => extractor.taps(image, [LAYER])[0]!);
  expect(tf.max(tf.abs(tf.sub(both!, tf.concat(each)))).dataSync()[0]).toBeLessThan(1e-5);
});

test('it is a substitute, for metrics, of square images', () => {
  expect(extractor).toMatchObject({ substitute: true, differentiable: false, faces: { layer: LAYER } });
  expect(() => extractor.taps(tf.zeros([1, 16, 20, 3]), [LAYER])).toThrow(/takes square images .* 20x16/);
});
