import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CompiledStep } from '@dualprior/core';
import { catalogue, loadEngine, Parameters, Random, type Engine } from '@dualprior/core';
import { isRestorer, type Image, type Network, type Restorer } from '@dualprior/blocks';
import { Value } from '@sinclair/typebox/value';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import '../components.generated.ts';
import { SMALL_NETWORKS } from '../stages/testing/small-networks.ts';
import { restoreImages } from './restore.ts';
import { restoring } from './restoring.ts';

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

function build(type: string): { parameters: Parameters; restore: (batch: Tensor4D) => Tensor4D; multiple: number } {
  const { declaration, create } = catalogue.find('network', type)!;
  const network = new create(Value.Default(declaration.options, { ...SMALL_NETWORKS[type] }) as object) as Restorer;
  const parameters = new Parameters(network, new Random(1));
  const restore = (batch: Tensor4D) => parameters.use(() => network.restore(batch).image);
  return { parameters, restore, multiple: network.multiple };
}

function image(width: number, height: number, seed = 0): Image {
  const stream = new Random(seed).stream(width, height);
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, () => stream.integer(256)) };
}

const restorers = catalogue
  .components('network')
  .filter(({ create }) => isRestorer(create.prototype as Network))
  .map(({ declaration }) => declaration.type);

describe('restoring, compiled', () => {
  test.each(restorers)('%s: the numbers of the eager one, bit for bit, for all sizes that it takes', (type) => {
    const { parameters, restore, multiple } = build(type);
    const steps = [restoring(restore, false), restoring(restore, true)];
    const shapes: Tensor4D['shape'][] = [
      [1, 16, 16, 3],
      [2, 16, 16, 3],
      [1, 24, 32, 3],
    ];
    for (const [i, shape] of shapes.filter(([, height]) => height % multiple === 0).entries()) {
      const batch = tf.randomUniform(shape, 0, 1, 'float32', i) as Tensor4D;
      const [eager, compiled] = steps.map((step) => tf.tidy(() => step.run(batch).dataSync().slice()));
      expect(compiled).toEqual(eager);
    }
    for (const step of steps) step.dispose();
    parameters.dispose();
  });

  test('sees new weights without a new trace', () => {
    const { parameters, restore } = build('nafnet');
    const step = restoring(restore, true);
    const images = [image(16, 16)];
    const before = restoreImages(images, step);
    parameters.vector.assign(tf.randomNormal([parameters.count], 0, 0.3, 'float32', 5));
    const after = restoreImages(images, step);
    expect(after).not.toEqual(before);
    expect(after).toEqual(restoreImages(images, restoring(restore, false)));
    expect((step as CompiledStep<[Tensor4D], Tensor4D>).traces).toBe(1);
  });

  test('keeps a few traces, however many sizes there are, and makes no garbage', () => {
    const step = restoring((batch: Tensor4D): Tensor4D => tf.sub(1, batch), true);
    const images = Array.from({ length: 30 }, (_, i) => image(8 + (i % 15), 8, i));
    const negatives = images.map(({ data, ...size }) => ({ ...size, data: data.map((value) => 255 - value) }));
    const tensors = engine.tensors();
    for (const [i, one] of images.entries()) expect(restoreImages([one], step)).toEqual([negatives[i]]);
    expect((step as CompiledStep<[Tensor4D], Tensor4D>).traces).toBe(8);
    expect(engine.tensors()).toBe(tensors);
  });
});
