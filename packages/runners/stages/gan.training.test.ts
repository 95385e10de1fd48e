import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  Container,
  loadEngine,
  loadExperiment,
  Parameters,
  Random,
  readSafetensors,
  Interrupted,
} from '@dualprior/core';
import { readVectors, type Generator, type Network } from '@dualprior/blocks';
import { computedBy } from '../soak/kills/computed.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Variable } from '@tensorflow/tfjs-core';
import '../index.ts';
import { readResult } from '../store/result-file.ts';
import { savedProgress } from '../store/training-state.ts';
import { curveOf, leftBy, trainStage, type Networks, type Setting } from './testing/stage-harness.ts';

jest.setTimeout(120_000);

const SMOKE = resolve(import.meta.dirname, '../../../experiments/gan-smoke.yaml');

let folder: string;

beforeAll(() => void loadEngine());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gan-'));
});

/** Eagerly, which is sooner done for a few iterations than to trace them. */
const train = (setting?: Setting) => trainStage('gan-smoke.yaml', 'prior', folder, { compile: false, ...setting });
const left = () => leftBy(folder);
const curve = (key: string) => curveOf(folder, key);
const file = (name: string, inFolder = folder) => computedBy(inFolder).get(`${name}.safetensors`);

/** An undisturbed training, by compiled steps. */
let whole: unknown;
let wholeFolder: string;
const counts: number[] = [];

beforeAll(async () => {
  wholeFolder = folder = mkdtempSync(join(tmpdir(), 'gan-'));
  await train({ compile: true, onIteration: () => counts.push(tf.memory().numTensors) });
  whole = await left();
});

describe('a training', () => {
  test('eagerly, it gives the same numbers, bit for bit; no iteration leaves tensors behind, whichever turn it is', async () => {
    const eager: number[] = [];
    await train({ onIteration: () => eager.push(tf.memory().numTensors) });
    expect(await left()).toEqual(whole);
    for (const each of [counts, eager]) expect([each.length, new Set(each).size]).toEqual([6, 1]);
  });

  test('interrupted, it continues to the same weights, bit for bit', async () => {
    await expect(train({ interruptAfter: 4 })).rejects.toThrow(Interrupted);
    await train();
    expect(await left()).toEqual(whole);
  });

  test('killed between checkpoints, it continues to the same weights, bit for bit', async () => {
    let iterations = 0;
    const kill = () => {
      if (++iterations === 5) throw new Error('killed');
    };
    await expect(train({ onIteration: kill })).rejects.toThrow('killed');
    await train();
    expect(await left()).toEqual(whole);
  });

  test('draws everything that is promised', async () => {
    folder = wholeFolder;
    for (const key of ['loss_g', 'loss_d', 'r1', 'path_length', 'sign_real', 'sign_fake']) {
      const values = await curve(key);
      expect({ key, count: values.length }).toEqual({ key, count: 2 });
      expect(values.every(Number.isFinite)).toBe(true);
    }
    expect(await curve('images')).toEqual([24, 48]);
    expect((await curve('learning_rate_g'))[0]).toBeCloseTo((2e-3 * 2) / 3, 12);
    expect((await curve('learning_rate_d'))[0]).toBeCloseTo((2e-3 * 4) / 5, 12);
    expect(readdirSync(join(folder, 'samples')).sort()).toEqual(['0000000.png', '0000003.png', '0000006.png']);
  });

  test('leaves both networks, the average of the generator and its mean latent', () => {
    const { tensors } = readSafetensors(join(wholeFolder, 'last.safetensors'));
    const experiment = loadExperiment(SMOKE, {});
    const container = new Container(experiment);
    const first = (network: string) => new Parameters(container.get<Network>('networks', network), new Random(0));
    const trained = (role: string) => tensors.get(`${role}.weight`)!.values;
    const discriminator = first('discriminator');
    const generator = first('generator');
    expect(trained('discriminator.final_conv.0')).not.toEqual(
      discriminator.stateDict().get('final_conv.0.weight')!.values,
    );
    expect(trained('generator.conv1.conv')).not.toEqual(generator.stateDict().get('conv1.conv.weight')!.values);
    expect(trained('generator.ema.conv1.conv')).not.toEqual(trained('generator.conv1.conv'));

    generator.load(readResult(join(wholeFolder, 'last.safetensors'), 'generator'));
    tf.tidy(() => {
      const module = generator.module as Generator;
      const z: Tensor2D = tf.randomNormal([4000, module.styleWidth], 0, 1, 'float32', 3);
      const [w, mean] = generator.use(() => [module.map(z), module.meanLatent()]);
      const { mean: expected, variance } = tf.moments(w, 0);
      const distance = tf.max(tf.abs(tf.div(tf.sub(mean, expected), tf.sqrt(variance)))).dataSync()[0]!;
      expect(distance).toBeLessThan(0.1);
      expect(tf.max(tf.abs(expected)).dataSync()[0]).toBeGreaterThan(1e-3);
    });
    for (const parameters of [generator, discriminator]) parameters.dispose();
  });
});

test('without regularisers, mixing and augmentation', async () => {
  await train({
    set: [
      'stages.prior.r1.gamma=0',
      'stages.prior.pathLength.weight=0',
      'stages.prior.styleMixing=0',
      'stages.prior.diffAugment=null',
      'stages.prior.iterations=2',
    ],
  });
  expect([await curve('r1'), await curve('path_length')]).toEqual([[], []]);
  expect(await curve('learning_rate_g')).toEqual([2e-3]);
});

/** Each goes through Inception at 299x299, the better part of the time. */
const QUALITY_IMAGES = 4;

describe('with `quality`', () => {
  const quality = (more: string) => [
    `stages.prior.quality={metric: {type: fid, features: {type: inception-v3-substitute}}, images: ${QUALITY_IMAGES}, ${more}}`,
  ];
  const set = quality('every: 2, by: fid_192_substitute');
  const warned: string[] = [];
  let measured: string;

  beforeAll(async () => {
    measured = folder = mkdtempSync(join(tmpdir(), 'gan-'));
    await train({ set, warned });
  });

  test('the networks of the lowest distance are the result, and the training is the same', async () => {
    const own = folder;
    folder = measured;
    expect(await curve('fid_substitute')).toHaveLength(3);
    const distances = await curve('fid_192_substitute');
    expect(new Set(distances).size).toBe(3);
    for (const distance of distances) expect(distance).toBeGreaterThan(0);
    expect(warned.join()).toContain(`fid_substitute is of ${QUALITY_IMAGES} images, too few for its 2048 features`);
    expect(file('last')).toEqual(file('last', wholeFolder));

    const iterations = 2 * (1 + distances.indexOf(Math.min(...distances)));
    folder = own;
    await train({ set: [`stages.prior.iterations=${iterations}`] });
    expect(file('last')).toEqual(file('best', measured));
  });

  test('stopped while it measures, it loses no iteration and continues to the same weights', async () => {
    await expect(train({ set, interruptAfter: 4 })).rejects.toThrow(Interrupted);
    expect(savedProgress(folder)).toMatchObject({ iteration: 4, validated: 3 });
    const counts: number[] = [];
    await train({ set, onIteration: () => counts.push(tf.memory().numTensors) });
    expect(await left()).toEqual(await leftBy(measured));
    expect([counts.length, new Set(counts).size]).toEqual([2, 1]);
  });

  test('all real images are taken where there are fewer than asked for', async () => {
    await train({
      set: [
        ...quality('every: 2'),
        'data.train.limit=5',
        'stages.prior.iterations=2',
        'stages.prior.quality.images=500',
      ],
    });
    const vectorsFile = readdirSync(join(folder, 'state')).find((each) => each.endsWith('.vectors'));
    const { head, vectors } = readVectors(join(folder, 'state', vectorsFile!), '')!;
    expect([head.images.length, head.images[3]![0], vectors.count]).toEqual([5, 'avatar-3', 5]);
  });

  test.each([
    [
      'a metric that compares pairs',
      'stages.prior.quality={metric: {type: psnr}}',
      /`quality` compares sets of images, which psnr cannot: give it the metric fid or kid/,
    ],
    [
      'a column that its metric lacks',
      'stages.prior.quality.by=fid',
      /`quality.by` is "fid", but its metric has fid_substitute and fid_192_substitute/,
    ],
    ['a single image', 'data.train.limit=1', /`quality` compares at least 2 different images, but its data has 1/],
  ])('%s is refused', async (_, mistake, message) => {
    await expect(train({ set: [...set, mistake] })).rejects.toThrow(message);
  });
});

describe('a mistake is an error', () => {
  const nan = ({ vector }: { vector: Variable }) => tf.tidy(() => vector.assign(tf.fill(vector.shape, NaN)));

  test.each(['generator', 'discriminator'])('NaN in the %s stops the training and says where', async (role) => {
    let iterations = 0;
    const onIteration = (networks: Networks) => {
      if (++iterations === 1) nan(networks.get(role)!.parameters);
    };
    await expect(train({ onIteration })).rejects.toThrow(
      new RegExp(`"prior" stopped at iteration 2: in the ${role}, \`[\\w.]+\` returns numbers that are not finite`),
    );
  });

  test.each([
    ['networks of two sizes', 'networks.discriminator.size=32', /"generator" makes images of 16x16, but "discrimin/],
    ['images of another size', 'data.train.size=32', /"generator" makes images of 16x16, but avatar-0 .* is 32x32/],
    ['a network of the wrong kind', 'stages.prior.generator=discriminator', /makes no images of latents/],
    [
      'a batch that cannot be grouped',
      'stages.prior.batch.size=6',
      /A batch of 6 images cannot be divided into groups of 4, over which "discriminator"/,
    ],
  ])('%s', async (_, set, message) => {
    await expect(train({ set: [set] })).rejects.toThrow(message);
  });
});
