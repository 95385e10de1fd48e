import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { MobileNetV2Substitute } from '../features/mobilenet-v2-substitute.ts';
import { FusionContextualLoss } from './fusion-contextual.ts';

/** The losses share its weights, as long as it has them. */
const kept = new MobileNetV2Substitute({});

beforeAll(async () => {
  loadEngine();
  await kept.prepare();
});
afterAll(() => kept.dispose());

const SIDE = 32;
const image = (seed: number) => tf.randomUniform<tf.Rank.R4>([1, SIDE, SIDE, 3], 0, 1, 'float32', seed);

test('is equation 4: lambda_cxR of the distance to x_R, lambda_cxG of that to x_G', async () => {
  const [fused, other] = [image(1), image(2)];
  const loss = async (lambdaRegressed: number, lambdaInverted: number, regressed: Tensor4D, inverted: Tensor4D) => {
    const features = new MobileNetV2Substitute({});
    const made = new FusionContextualLoss({
      lambdaRegressed,
      lambdaInverted,
      features,
      bandwidth: 0.5,
      patch: 32,
      weight: 1,
    });
    await made.prepare();
    const value = tf.tidy(() => made.compute(fused, fused, { regressed, inverted }).dataSync()[0]!);
    made.dispose();
    return value;
  };
  // To itself an image is nearest.
  const [toRegressed, toInverted] = [await loss(1, 0, fused, other), await loss(0, 1, fused, other)];
  expect(toRegressed).toBeLessThan(0.5 * toInverted);
  expect(await loss(1, 0, other, fused)).toBeCloseTo(toInverted, 5);
  expect(await loss(0.01, 0.05, fused, other)).toBeCloseTo(0.01 * toRegressed + 0.05 * toInverted, 6);
});
