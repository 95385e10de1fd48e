import { beforeAll, describe, expect, test } from '@jest/globals';
import { constant, loadEngine, Module, Parameter, type StateDict } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { alexnet } from './architectures/alexnet.ts';
import { inceptionV3Fid } from './architectures/inception-v3-fid.ts';
import { squeezenet } from './architectures/squeezenet.ts';
import { vgg } from './architectures/vgg.ts';
import { l2Pool } from './dists/l2-pool.ts';
import { SharedModule } from './trunks/shared-module.ts';
import { Trunk } from './trunks/trunk.ts';

beforeAll(() => {
  loadEngine();
});

/** Convolutions and activations of blocks, as torchvision's configurations list them. */
const vggLayers = (blocks: readonly number[]) =>
  blocks.flatMap((depth, b) => [
    ...Array.from({ length: depth }, (_, i) => [`conv${b + 1}_${i + 1}`, `relu${b + 1}_${i + 1}`]).flat(),
    `pool${b + 1}`,
  ]);

describe('the trunks of torchvision and of FID', () => {
  test('have layers of these names, shallow to deep', () => {
    const trunks = [alexnet, squeezenet, () => vgg('vgg16'), () => vgg('vgg19'), inceptionV3Fid];
    const of = Object.fromEntries(trunks.map((make) => make()).map(({ type, layers }) => [type, layers]));
    expect(of).toEqual({
      alexnet: 'normalized conv1 relu1 pool1 conv2 relu2 pool2 conv3 relu3 conv4 relu4 conv5 relu5 pool5'.split(' '),
      squeezenet: 'normalized conv1 relu1 pool1 fire2 fire3 pool3 fire4 fire5 pool5 fire6 fire7 fire8 fire9'.split(' '),
      vgg16: ['normalized', ...vggLayers([2, 2, 3, 3, 3])],
      vgg19: ['normalized', ...vggLayers([2, 2, 4, 4, 4])],
      'inception-v3-fid': [
        ...['resized', 'scaled', 'Conv2d_1a_3x3', 'Conv2d_2a_3x3', 'Conv2d_2b_3x3', 'pool1', 'Conv2d_3b_1x1'],
        ...['Conv2d_4a_3x3', 'pool2', 'Mixed_5b', 'Mixed_5c', 'Mixed_5d', 'Mixed_6a', 'Mixed_6b', 'Mixed_6c'],
        ...['Mixed_6d', 'Mixed_6e', 'Mixed_7a', 'Mixed_7b', 'Mixed_7c', 'pool3'],
      ],
    });
  });

  // By PyTorch's formula for the size of what a convolution or a pooling gives, floor or ceil of (n + 2 p - k) / s + 1, where a window fits.
  test.each([
    ['vgg16', vgg('vgg16'), { relu1_2: 1, pool1: 2, relu3_3: 4, pool5: 32 }],
    ['vgg16 of DISTS', vgg('vgg16', l2Pool), { relu5_3: 1 }],
    ['alexnet', alexnet(), { normalized: 1, conv1: 7, pool1: 15, relu2: 15, relu5: 31, pool5: 63 }],
    ['squeezenet', squeezenet(), { relu1: 3, pool1: 7, fire3: 7, fire5: 13, fire6: 25, fire9: 25 }],
    ['inception-v3-fid', inceptionV3Fid(), { resized: 1, pool3: 1 }],
  ] as [string, Trunk, Record<string, number>][])('%s needs images of these sides', (_, trunk, sides) => {
    for (const [layer, side] of Object.entries(sides))
      expect([layer, trunk.minimumSide([layer])]).toEqual([layer, side]);
    const all = Object.keys(sides);
    expect(trunk.minimumSide(all)).toBe(Math.max(...Object.values(sides)));
    expect(trunk.minimumSide([])).toBe(1);
  });

  test('refuse layers that there are not, and images that are too small', () => {
    const trunk = alexnet();
    expect(() => trunk.minimumSide(['relu1', 'rellu2'])).toThrow(
      '"alexnet" has no layer "rellu2"; did you mean "relu2"?',
    );
    expect(() => trunk.minimumSide(['xyz'])).toThrow(/^"alexnet" has no layer "xyz"\. Its layers: normalized, conv1, /);
    expect(() => trunk.taps(tf.zeros([1, 20, 14, 3]), ['conv1', 'pool1'])).toThrow(
      '"alexnet" needs images of at least 15x15 pixels for conv1, pool1, but this one is 14x20.',
    );
  });
});

describe('a trunk', () => {
  const runs: string[] = [];
  const layer = (name: string, inputs: readonly string[], run: (...inputs: Tensor4D[]) => Tensor4D) => ({
    name,
    inputs,
    run: (given: readonly Tensor4D[]) => {
      runs.push(name);
      return run(...given);
    },
  });
  const trunk = new Trunk(
    'sums',
    [
      layer('double', ['image'], (x) => tf.add(x, x)),
      layer('sum', ['double', 'image'], (a, b) => tf.add(a, b)),
      layer('unused', ['sum'], (x) => x),
    ],
    {},
  );

  test('computes each layer that is needed once, in the order in which they are asked for', () => {
    const found = trunk.taps(tf.fill([1, 1, 1, 1], 3), ['sum', 'double', 'sum']);
    expect(found.map((x) => x.dataSync()[0])).toEqual([9, 6, 9]);
    expect(runs.splice(0)).toEqual(['double', 'sum']);
  });

  test('may be given what a layer makes instead of the image', () => {
    const double: Tensor4D = tf.fill([1, 1, 1, 1], 5);
    const given = trunk.tapsAfter('sum', double, ['unused', 'sum']);
    expect(given.map((x) => x.dataSync()[0])).toEqual([5, 5]);
    expect(runs.splice(0)).toEqual(['unused']);
  });
});

describe('a shared module', () => {
  class Scale extends Module {
    readonly weight = new Parameter([1], constant(0), 'same');
  }
  const state: StateDict = new Map([['weight', { shape: [1], values: Float32Array.of(7) }]]);
  const loads: string[] = [];
  const shared = (key: string, fails = false) =>
    new SharedModule(key, () => {
      loads.push(key);
      return fails ? Promise.reject(new Error('no such file')) : Promise.resolve({ module: new Scale(), state });
    });
  const value = (module: SharedModule<Scale>) => tf.tidy(() => module.use(({ weight }) => weight.value.dataSync()[0]));

  test('is loaded once for all of a key, and freed when the last of them has no use for it', async () => {
    const before = tf.memory().numTensors;
    const [one, other, different] = [shared('a'), shared('a'), shared('b')];
    expect(() => value(one)).toThrow('a was used before it was prepared.');
    await Promise.all([one.prepare(), other.prepare(), one.prepare(), different.prepare()]);
    expect(loads.splice(0)).toEqual(['a', 'b']);
    one.dispose();
    one.dispose();
    expect(() => value(one)).toThrow('before it was prepared');
    expect([value(other), value(different)]).toEqual([7, 7]);
    await one.prepare();
    expect([loads.length, value(one)]).toEqual([0, 7]);
    for (const each of [one, other, different]) each.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await one.prepare();
    expect([loads.splice(0), value(one)]).toEqual([['a'], 7]);
    one.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('that cannot be loaded is tried again by the next one', async () => {
    const failing = shared('c', true);
    await expect(failing.prepare()).rejects.toThrow('no such file');
    await expect(failing.prepare()).rejects.toThrow('no such file');
    failing.dispose();
    const right = shared('c');
    await right.prepare();
    expect([loads.splice(0), value(right)]).toEqual([['c', 'c', 'c'], 7]);
    right.dispose();
  });
});
