import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine, Parameters, Random } from '@dualprior/core';
import { gradientError, randomTensor } from '@dualprior/core/testing/gradient-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { MyNetwork } from './network.ts';

beforeAll(() => void loadEngine());

const network = new MyNetwork({ width: 4, blocks: 1 });
const image = () => randomTensor([1, 5, 6, 3], 'image') as Tensor4D;

test('has the state dict of its official release', () => {
  expect(new Parameters(network, new Random(0)).stateDict().size).toBe(8);
  expect([...network.parameters().keys()]).toContain('body.0.conv1.weight');
});

test('a correction of zeros leaves the image as it is', () => {
  const parameters = new Parameters(network, new Random(0));
  const { image: restored } = parameters.use(() => network.restore(image()), tf.zeros([parameters.count]));
  expect(restored.dataSync()).toEqual(image().dataSync());
});

test('has the gradient of finite differences', () => {
  const parameters = new Parameters(network, new Random(0));
  const compute = (vector: Tensor, x: Tensor) =>
    parameters.use(() => network.restore(x as Tensor4D).image, vector as Tensor1D);
  const point = [randomTensor([parameters.count], 'weights'), image()];
  expect(gradientError(compute as () => Tensor, point, { step: 0.01 })).toBeLessThan(5e-3);
});
