import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { directSampler, type Dataset } from '@dualprior/blocks';
import {
  catalogue,
  Container,
  loadEngine,
  loadExperiment,
  LOG,
  Random,
  readSafetensors,
  Interrupted,
} from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import '../index.ts';
import { edit, passOn } from './testing/edit-network.ts';
import { curveOf, leftBy, trainStage, type Left, type Networks, type Setting } from './testing/stage-harness.ts';

jest.setTimeout(120_000);

let folder: string;

beforeAll(() => void loadEngine());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dual-prior-'));
});

const train = (stage: string, setting?: Setting) => trainStage('dual-prior-smoke.yaml', stage, folder, setting);

/** All numbers of each network. */
function numbersOf(networks: Networks): Record<string, string> {
  const read = (tensor: tf.Tensor) => Buffer.from(tensor.dataSync<'float32'>().slice().buffer).toString('base64');
  return Object.fromEntries(
    [...networks].map(([name, { parameters }]) => [name, read(parameters.vector) + read(parameters.buffers)]),
  );
}

const STAGES: [stage: string, trained: string[], frozen: string[]][] = [
  ['invert', ['encoder', 'prior.generator', 'prior.discriminator'], ['restore.regressor']],
  ['fuse', ['fusion'], ['restore.regressor', 'invert.encoder', 'invert.generator']],
];

/** An undisturbed training by compiled steps, and what there was after each iteration: tensors and all numbers. */
interface Undisturbed {
  readonly folder: string;
  readonly left: Left;
  readonly counts: number[];
  readonly states: Record<string, string>[];
}

const trainings = new Map<string, Promise<Undisturbed>>();

/** Trains at the first call for each stage. */
function undisturbed(stage: string): Promise<Undisturbed> {
  const training = trainings.get(stage) ?? trainUndisturbed(stage);
  trainings.set(stage, training);
  return training;
}

async function trainUndisturbed(stage: string): Promise<Undisturbed> {
  const own = mkdtempSync(join(tmpdir(), 'dual-prior-'));
  const [counts, states]: [number[], Undisturbed['states']] = [[], []];
  await trainStage('dual-prior-smoke.yaml', stage, own, {
    onIteration: (networks) => {
      counts.push(tf.memory().numTensors);
      states.push(numbersOf(networks));
    },
  });
  return { folder: own, left: await leftBy(own), counts, states };
}

describe.each(STAGES)('stage %s', (stage, trained, frozen) => {
  test('changes what it trains and nothing else, bit for bit', async () => {
    const { states } = await undisturbed(stage);
    const [first, last] = [states[0]!, states.at(-1)!];
    expect(Object.keys(first).sort()).toEqual([...trained, ...frozen].sort());
    for (const name of frozen) expect(last[name]).toBe(first[name]);
    for (const name of trained) expect(last[name]).not.toBe(first[name]);
  });

  test('eagerly, it gives the same numbers, bit for bit; no iteration leaves tensors behind', async () => {
    const { left, counts } = await undisturbed(stage);
    const eager: number[] = [];
    await train(stage, { compile: false, onIteration: () => eager.push(tf.memory().numTensors) });
    expect(await leftBy(folder)).toEqual(left);
    for (const each of [counts, eager]) expect([each.length, new Set(each).size]).toEqual([6, 1]);
  });

  test('interrupted, it continues to the same weights, bit for bit', async () => {
    await expect(train(stage, { compile: false, interruptAfter: 4 })).rejects.toThrow(Interrupted);
    await train(stage, { compile: false });
    expect(await leftBy(folder)).toEqual((await undisturbed(stage)).left);
  });

  test('draws its curves and pictures', async () => {
    const { folder } = await undisturbed(stage);
    const curves = { invert: ['loss', 'loss_l1', 'loss_gan_nonsaturating', 'loss_d', 'r1'], fuse: ['loss', 'loss_l1'] };
    for (const key of curves[stage as keyof typeof curves]) {
      const values = await curveOf(folder, key);
      expect({ key, count: values.length }).toEqual({ key, count: 2 });
      expect(values.every(Number.isFinite)).toBe(true);
    }
    expect(readdirSync(join(folder, 'samples')).sort()).toEqual(['0000000.png', '0000003.png', '0000006.png']);
    expect(await curveOf(folder, 'validation_psnr')).toHaveLength(3);
  });
});

test('stage 1 with augmented images gives the same numbers eagerly, bit for bit, and others than without', async () => {
  const set = ['stages.invert.diffAugment={}'];
  const left: unknown[] = [];
  for (const setting of [{ set }, { set, compile: false }, {}]) {
    folder = mkdtempSync(join(tmpdir(), 'augmented-'));
    await train('invert', setting);
    left.push(await leftBy(folder));
  }
  expect(left[1]).toEqual(left[0]);
  expect(left[2]).not.toEqual(left[0]);
});

test('stage 2 joins x_R and x_G in this order, in its loss and in its validation', async () => {
  const experiment = loadExperiment(resolve(import.meta.dirname, '../../../experiments/dual-prior-smoke.yaml'));
  const container = new Container(experiment, { services: [[LOG, { info: () => {}, warn: () => {} }]] });
  const [data, held] = ['train', 'validation'].map((name) => container.get<Dataset>('data', name)) as [
    Dataset,
    Dataset,
  ];
  for (const each of [data, held]) await each.prepare();
  const set = ['stages.fuse={iterations: 1, logEvery: 1, validateEvery: 1, optimizer: {learningRate: 1e-9}}'];
  await train('fuse', {
    compile: false,
    set,
    onBegin: (networks) => {
      passOn(networks.get('fusion')!, 'conv_regressed');
      edit(networks.get('restore.regressor')!, (name, values) => void (name.startsWith('ending.') && values.fill(0)));
    },
  });
  // NAFNet's residual is zero, so x_hat = x_R = x.
  const sampling = { stream: 'batch', size: 4, iteration: 0, augment: { flip: true, rotate: false } };
  const { degraded, sharp } = await directSampler.batch(data, new Random(experiment.seed), sampling);
  const l1 = degraded.reduce((sum, value, i) => sum + Math.abs(value - sharp[i]!), 0) / sharp.length;
  expect((await curveOf(folder, 'loss'))[0]! / l1).toBeCloseTo(1, 4);
  const [before, after] = await curveOf(folder, 'validation_psnr');
  expect(after).toBeCloseTo(before!, 6);
});

describe('the losses of the equations by default', () => {
  // Section 3: lambda_per = 10, lambda_adv = 0.3, lambda_fc = 1, lambda_cxR = 0.01, lambda_cxG = 0.05.
  const lambdas = (kind: string, type: string) => {
    const { properties } = catalogue.find(kind, type)!.declaration.options;
    const defaults = Object.entries(properties).map(([name, schema]) => [
      name,
      (schema as { default?: unknown }).default,
    ]);
    return Object.fromEntries(defaults) as Record<string, unknown>;
  };
  const terms = (third: { weight?: number; type: string }) => ({
    type: 'weighted-sum',
    terms: [{ type: 'l1' }, { type: 'lpips', weight: 10 }, third],
  });

  test('equation 2', () => {
    expect(lambdas('stage', 'gan-inversion')['loss']).toEqual(terms({ weight: 0.3, type: 'gan-nonsaturating' }));
  });

  test('equations 3 and 4', () => {
    expect(lambdas('stage', 'fusion')['loss']).toEqual(terms({ type: 'fusion-contextual' }));
    expect(lambdas('loss', 'fusion-contextual')).toMatchObject({
      lambdaRegressed: 0.01,
      lambdaInverted: 0.05,
      weight: 1,
    });
  });
});

test('stage 1 keeps the running statistics of the encoder', async () => {
  const { folder } = await undisturbed('invert');
  const { tensors } = readSafetensors(join(folder, 'last.safetensors'));
  expect(tensors.get('encoder.trunk.model.1.num_batches_tracked')!.values).toEqual(Float32Array.of(6));
});

test("D's rate in stage 1 is the one that is written, unless R1 is to slow it down", async () => {
  expect(await curveOf((await undisturbed('invert')).folder, 'learning_rate_d')).toEqual([2.5e-5, 2.5e-5]);
  await train('invert', { compile: false, set: ['stages.invert.r1.slows=true'] });
  expect(await curveOf(folder, 'learning_rate_d')).toEqual([2e-5, 2e-5]);
});

describe('a mistake is an error', () => {
  const nan = ({ vector }: { vector: tf.Variable }) => tf.tidy(() => vector.assign(tf.fill(vector.shape, NaN)));

  test.each(['encoder', 'prior.generator', 'prior.discriminator'])('NaN in %s stops stage 1', async (name) => {
    let iterations = 0;
    const onIteration = (networks: Networks) => {
      if (++iterations === 1) nan(networks.get(name)!.parameters);
    };
    await expect(train('invert', { compile: false, onIteration })).rejects.toThrow(
      /"invert" stopped at iteration 2: in the \w+, `[\w.]+` returns numbers that are not finite/,
    );
  });

  test('NaN that an update of D makes is reported with D and its parameter', async () => {
    const set = ['stages.invert.optimizers.discriminator.learningRate=1e39']; // infinite as float32
    await expect(train('invert', { compile: false, set })).rejects.toThrow(
      /"invert" stopped at iteration 1: all losses and their gradients are finite, but after the update the weights of `[\w.]+` of the discriminator .*hold numbers/,
    );
  });

  test.each([
    ['latents of another width', 'networks.encoder.styleWidth=8', /encoder\.styleWidth is 8, but must be 16/],
    ['too few latents', 'networks.encoder.latents=2', /latents is 2, but must be 6/],
    ['f where the generator has none', 'networks.encoder.resolution=2', /resolution/],
    [
      'f of other channels',
      'networks.encoder.featureChannels=8',
      /Channels is 8, but must be 16 to fit networks.generator, where f/,
    ],
    ['a discriminator of another size', 'networks.discriminator.size=32', /takes 32x32/],
    ['images of another size', 'data.train.size=32', /is 32x32/],
    ['a batch that cannot be grouped', 'stages.invert.batch.size=6', /A batch of 6 images cannot be divided/],
  ])('%s', async (_, set, message) => {
    await expect(train('invert', { compile: false, set: [set] })).rejects.toThrow(message);
  });

  test('a loss that needs what the stage does not have', async () => {
    const set = ['stages.fuse.loss={type: gan-nonsaturating}'];
    await expect(train('fuse', { set })).rejects.toThrow(/needs the discriminator's logits of the prediction/);
  });
});
