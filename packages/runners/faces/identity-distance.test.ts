import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { decode, FaceApiSubstitute, IdentityDistanceMetric } from '@dualprior/blocks';
import { loadEngine } from '@dualprior/core';
import sharp from 'sharp';
import { facesOf, FACES, SHARED_FACES } from './testing/shared-faces.ts';

jest.setTimeout(120_000);

beforeAll(() => void loadEngine());

const withFaces = existsSync(FACES) ? describe : describe.skip;

withFaces(`real faces (skipped without ${SHARED_FACES})`, () => {
  test('a blurred face is nearer to itself than to other people', async () => {
    const metric = new IdentityDistanceMetric({ features: new FaceApiSubstitute({}) });
    await metric.prepare();
    const faces = await Promise.all(facesOf(5).map((file) => decode(file, 128)));
    const blurred = await Promise.all(
      facesOf(5).map(async (file) => sharp(file).resize(128, 128).blur(2).raw().toBuffer()),
    );
    for (const [i, face] of faces.entries()) {
      const to = (j: number) => metric.measure({ ...face, data: blurred[j]! }, face)[0]!;
      const others = faces.flatMap((_, j) => (j === i ? [] : [to(j)]));
      expect(to(i)).toBeLessThan(Math.min(...others));
      expect(metric.measure(face, face)[0]).toBeCloseTo(0, 5);
    }
    metric.dispose();
  });
});
