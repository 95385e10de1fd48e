import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine, Parameters, Random } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { Gpen } from './gpen.ts';
import { StyleGan2Generator } from './stylegan2-generator.ts';

beforeAll(() => void loadEngine());

const options = {
  size: 32 as const,
  channelMultiplier: 2,
  maxChannels: 16,
  styleWidth: 8,
  mappingLayers: 2,
  mappingRate: 0.01,
  narrow: 0.5,
  isconcat: true,
};

const image = (size = 32) => tf.randomUniform([2, size, size, 3], 0, 1, 'float32', 1) as Tensor4D;

describe('GPEN', () => {
  test.each([true, false])('has the names and shapes of the official release (isconcat %s)', (isconcat) => {
    const shapes = new Map(
      [...new Gpen({ ...options, isconcat }).parameters()].map(([name, { shape }]) => [name, shape]),
    );
    const joined = isconcat ? 16 : 8;
    expect(shapes.get('ecd0.0.0.weight')).toEqual([8, 3, 1, 1]);
    expect(shapes.get('ecd3.0.1.weight')).toEqual([8, 8, 3, 3]);
    expect(shapes.has('ecd4.0.1.weight')).toBe(false);
    expect(shapes.get('final_linear.0.weight')).toEqual([8, 128]);
    expect(shapes.get('generator.conv1.activate.bias')).toEqual([joined]);
    expect(shapes.get('generator.convs.0.conv.weight')).toEqual([1, 8, joined, 3, 3]);
    expect(shapes.get('generator.to_rgbs.2.conv.modulation.weight')).toEqual([joined, 8]);
  });

  test('restores images of its size, each on its own', () => {
    const network = new Gpen(options);
    const parameters = new Parameters(network, new Random(1));
    tf.tidy(() => {
      const restore = (x: Tensor4D) => parameters.use(() => network.restore(x).image);
      const [both, second] = [restore(image()), restore(tf.slice(image(), 1))];
      expect(both.shape).toEqual([2, 32, 32, 3]);
      const difference = tf.max(tf.abs(tf.sub(tf.slice(both, 1), second))).dataSync()[0]!;
      expect(difference).toBeLessThan(1e-5);
    });
    parameters.dispose();
  });

  test('the features of the encoder are felt where their strength is not zero', () => {
    const network = new Gpen({ ...options, isconcat: false });
    const parameters = new Parameters(network, new Random(1));
    tf.tidy(() => {
      const { z, features } = parameters.use(() => network.encode(image()));
      const synthesize = (given: Tensor4D[]) =>
        parameters.use(() => network.generator.synthesize(network.generator.map(z), given));
      const without = features.map((feature) => tf.zerosLike(feature));
      const distance = () => tf.max(tf.abs(tf.sub(synthesize(features), synthesize(without)))).dataSync()[0]!;
      expect(distance()).toBe(0);
      const strong = [...parameters.stateDict()].map(([name, tensor]): [string, typeof tensor] =>
        name.endsWith('noise.weight') ? [name, { ...tensor, values: Float32Array.of(0.5) }] : [name, tensor],
      );
      parameters.load(new Map(strong));
      expect(distance()).toBeGreaterThan(0.01);
    });
    parameters.dispose();
  });

  test('an image of another size is an error', () => {
    const network = new Gpen(options);
    const parameters = new Parameters(network, new Random(1));
    tf.tidy(() => {
      expect(() => parameters.use(() => network.restore(image(64)))).toThrow(
        /an image is 64 x 64 x 3, but.*32 x 32 x 3/,
      );
    });
    parameters.dispose();
  });

  test.each([true, false])('begins as the prior that it adopts, without noise (isconcat %s)', (isconcat) => {
    const network = new Gpen({ ...options, narrow: 1, isconcat });
    const prior = new StyleGan2Generator(options);
    const [own, known] = [new Parameters(network, new Random(1)), new Parameters(prior, new Random(2))];
    own.load(new Map([...own.stateDict(), ...network.fromPrior(known.stateDict()).state]));
    tf.tidy(() => {
      const { z, features } = own.use(() => network.encode(image()));
      const restored = own.use(() => network.generator.synthesize(network.generator.map(z), features));
      const silent = [4, 8, 8, 16, 16, 32, 32].map((size) => tf.zeros<tf.Rank.R4>([1, size, size, 1]));
      const expected = known.use(() => prior.synthesize(prior.map(z), { noise: silent }));
      expect(tf.max(tf.abs(tf.sub(restored, expected))).dataSync()[0]).toBeLessThan(1e-5);
    });
    own.dispose();
    known.dispose();
  });
});
