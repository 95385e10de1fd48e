import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { loadEngine, readSafetensors, Interrupted, type StateDict } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import '../../index.ts';
import { curveOf, leftBy, trainStage, type Left, type Networks, type Setting } from '../testing/stage-harness.ts';

jest.setTimeout(120_000);

let folder: string;

beforeAll(() => void loadEngine());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'restorer-'));
});

const train = (name: string, setting?: Setting) => trainStage(`${name}-smoke.yaml`, name, folder, setting);

const read = (tensor: tf.Tensor) => Buffer.from(tensor.dataSync<'float32'>().slice().buffer).toString('base64');

/** All numbers of each network that an iteration may change. */
function numbersOf(networks: Networks): Record<string, string> {
  return Object.fromEntries([...networks].map(([name, { parameters }]) => [name, read(parameters.vector)]));
}

/** The curves of each stage. */
const STAGES = [
  ['gfpgan', ['loss', 'loss_l1', 'loss_gan_nonsaturating', 'loss_pyramid', 'loss_d', 'r1', 'learning_rate']],
  ['gpen', ['loss', 'loss_smooth_l1', 'loss_gan_nonsaturating', 'path_length', 'loss_d', 'r1', 'learning_rate_d']],
] as const;

/** What a network's tensor holds. */
const valuesOf = (networks: Networks, network: string, tensor: string) =>
  networks.get(network)!.parameters.stateDict().get(tensor)!.values;

/** An undisturbed training by compiled steps, and what there was after each iteration: tensors, all numbers, constant inputs of decoders. */
interface Undisturbed {
  readonly folder: string;
  readonly left: Left;
  readonly counts: number[];
  readonly states: Record<string, string>[];
  readonly constants: string[];
}

const trainings = new Map<string, Promise<Undisturbed>>();

/** Trains at the first call for each stage. */
function undisturbed(name: string): Promise<Undisturbed> {
  const training = trainings.get(name) ?? trainUndisturbed(name);
  trainings.set(name, training);
  return training;
}

async function trainUndisturbed(name: string): Promise<Undisturbed> {
  const own = mkdtempSync(join(tmpdir(), `${name}-`));
  const [counts, states, constants]: [number[], Undisturbed['states'], string[]] = [[], [], []];
  await trainStage(`${name}-smoke.yaml`, name, own, {
    onIteration: (networks) => {
      counts.push(tf.memory().numTensors);
      states.push(numbersOf(networks));
      if (name !== 'gfpgan') return;
      constants.push(valuesOf(networks, 'prior.generator', 'input.input').join());
      constants.push(valuesOf(networks, name, 'stylegan_decoder.constant_input.weight').join());
    },
  });
  return { folder: own, left: await leftBy(own), counts, states, constants };
}

describe.each(STAGES)('stage %s', (name, curves) => {
  const judge = name === 'gpen' ? 'gpenDiscriminator' : 'discriminator';

  test('changes what it trains, and not the prior', async () => {
    const { states } = await undisturbed(name);
    const [first, last] = [states[0]!, states.at(-1)!];
    expect(Object.keys(first).sort()).toEqual([judge, name, 'prior.generator'].sort());
    expect(last['prior.generator']).toBe(first['prior.generator']);
    for (const trained of [name, judge]) expect(last[trained]).not.toBe(first[trained]);
  });

  test('eagerly, it gives the same numbers, bit for bit; no iteration leaves tensors behind', async () => {
    const { left, counts } = await undisturbed(name);
    const eager: number[] = [];
    await train(name, { compile: false, onIteration: () => eager.push(tf.memory().numTensors) });
    expect(await leftBy(folder)).toEqual(left);
    for (const each of [counts, eager]) expect([each.length, new Set(each).size]).toEqual([6, 1]);
  });

  test('interrupted, it continues to the same weights, bit for bit', async () => {
    await expect(train(name, { compile: false, interruptAfter: 4 })).rejects.toThrow(Interrupted);
    await train(name, { compile: false });
    expect(await leftBy(folder)).toEqual((await undisturbed(name)).left);
  });

  test('draws its curves and pictures', async () => {
    const { folder } = await undisturbed(name);
    for (const key of curves) {
      const values = await curveOf(folder, key);
      expect({ key, count: values.length }).toEqual({ key, count: 2 });
      expect(values.every(Number.isFinite)).toBe(true);
    }
    expect(readdirSync(join(folder, 'samples')).sort()).toEqual(['0000000.png', '0000003.png', '0000006.png']);
    expect(await curveOf(folder, 'validation_psnr')).toHaveLength(3);
  });

  test.each([
    [name, /stopped at iteration 2: in the network, `[\w.]+` returns numbers that are not finite/],
    [judge, /stopped at iteration 2: in the discriminator, `[\w.]+` returns numbers that are not finite/],
  ])('NaN in %s stops it', async (trained, message) => {
    const nan = ({ vector }: { vector: tf.Variable }) => tf.tidy(() => vector.assign(tf.fill(vector.shape, NaN)));
    let iterations = 0;
    const onIteration = (networks: Networks) => {
      if (++iterations === 1) nan(networks.get(trained)!.parameters);
    };
    await expect(train(name, { compile: false, onIteration })).rejects.toThrow(message);
  });

  test('with augmented images and a metric that chooses: eager or interrupted, the same numbers, and the best networks', async () => {
    const rates = name === 'gpen' ? ['stages.gpen.rates={generator: 0.1}'] : [];
    const set = [`stages.${name}.diffAugment={}`, `stages.${name}.select={metric: ssim}`, ...rates];
    const { left: plain } = await undisturbed(name);
    await train(name, { set });
    const compiled = await leftBy(folder);
    expect(compiled.files.map(([file]) => file)).toContain('best.safetensors');
    const lossOfD = (left: unknown) => (left as Left).curves.filter(([key]) => key === 'loss_d');
    expect(lossOfD(compiled)).not.toEqual(lossOfD(plain));
    folder = mkdtempSync(join(tmpdir(), 'restorer-'));
    await expect(train(name, { set, compile: false, interruptAfter: 4 })).rejects.toThrow(Interrupted);
    await train(name, { set, compile: false });
    expect(await leftBy(folder)).toEqual(compiled);
  });

  const other = name === 'gpen' ? 'gfpgan' : 'gpen';
  test.each([
    [
      'a network without a generator',
      `stages.${name}.network=regressor`,
      /"regressor" is not built around a generator/,
    ],
    [
      'the network of another method',
      `networks.${name}={type: ${other}, size: 16, styleWidth: 16, mappingLayers: 2, maxChannels: 16}`,
      new RegExp(`is no \`${name}\``),
    ],
    ['a prior that is no generator', `stages.${name}.prior=regressor`, /makes no images of latents/],
    [
      'a prior of another width',
      'networks.generator.styleWidth=8',
      /cannot begin with the prior[^]*modulation\.weight/,
    ],
    [
      'a prior of other channels',
      'networks.generator.maxChannels=8',
      /cannot begin with the prior[^]*\(1, 16, 4, 4\), but/,
    ],
    ['a prior of another size', 'networks.generator.size=32', /its prior "prior.generator" makes 32x32/],
    ['a discriminator of another size', `networks.${judge}.size=32`, /takes 32x32/],
    ['images of another size', 'data.train.size=32', /is 32x32/],
    ['a batch that cannot be grouped', `networks.${judge}.stddevGroup=3`, /A batch of 4 images cannot be divided/],
    [
      'a loss of what there is not',
      `stages.${name}.loss={type: fusion-contextual, features: {type: mobilenet-v2-substitute}}`,
      /needs the regression network's image/,
    ],
    ['an identity loss without weights as the only one', `stages.${name}.loss={type: identity}`, /has no `weights`/],
  ])('%s is an error', async (_, set, message) => {
    const methods = { gfpgan: 'GFP-GAN', gpen: 'GPEN' };
    await expect(train(name, { compile: false, set: [set, `methods.${methods[name]}=null`] })).rejects.toThrow(message);
  });
});

describe('stage gfpgan', () => {
  test("its decoder is the prior's, from the first iteration to the last; the pyramid ends", async () => {
    const { folder, constants } = await undisturbed('gfpgan');
    expect([constants.length, new Set(constants).size]).toEqual([12, 1]);
    const { tensors } = readSafetensors(join(folder, 'last.safetensors'));
    const average = tensors.get('network.ema.stylegan_decoder.constant_input.weight')!.values;
    expect(average.join()).toBe(constants[0]);
    const [early, late] = await curveOf(folder, 'loss_pyramid');
    expect(late! / early!).toBeLessThan(0.6); // one of three iterations
  });

  test('trains the decoder too where the network leaves it free', async () => {
    const decoder: string[] = [];
    await train('gfpgan', {
      compile: false,
      set: [
        'networks.gfpgan.fixDecoder=false',
        'networks.gfpgan.architecture=original',
        'stages.gfpgan.iterations=2',
        'stages.gfpgan.validation=null',
      ],
      onIteration: (networks) => {
        decoder.push(valuesOf(networks, 'gfpgan', 'stylegan_decoder.constant_input.weight').join());
      },
    });
    expect([decoder.length, new Set(decoder).size]).toEqual([2, 2]);
  });
});

describe('stage gpen', () => {
  test.each([true, false])('begins with the prior (isconcat %s)', async (isconcat) => {
    const constants: unknown[] = [];
    const known: unknown[] = [];
    await train('gpen', {
      compile: false,
      set: [
        `networks.gpen.isconcat=${isconcat}`,
        'stages.gpen.optimizers.network.learningRate=1e-9',
        'stages.gpen.iterations=1',
        'stages.gpen.validation=null',
      ],
      onIteration: (networks) => {
        constants.push([...valuesOf(networks, 'gpen', 'generator.input.input')]);
        known.push([...valuesOf(networks, 'prior.generator', 'input.input')].map((value) => expect.closeTo(value, 4)));
      },
    });
    expect(constants).toHaveLength(1);
    expect(constants).toEqual(known);
  });

  /** What an option has changed after the first iteration. */
  const afterOne = async (...set: string[]): Promise<Record<string, string>> => {
    let numbers: Record<string, string> = {};
    let iterations = 0;
    const inFolder = mkdtempSync(join(tmpdir(), 'gpen-'));
    await trainStage('gpen-smoke.yaml', 'gpen', inFolder, {
      compile: false,
      set: ['stages.gpen.iterations=1', 'stages.gpen.validation=null', ...set],
      onIteration: (networks) => {
        if (++iterations === 1) numbers = numbersOf(networks);
      },
    });
    return numbers;
  };

  test('trains the discriminator first: the network hears what it says after that, it judges what was restored before', async () => {
    const still = (role: string) => `stages.gpen.optimizers.${role}.learningRate=1e-9`;
    const [both, network, discriminator] = [
      await afterOne(),
      await afterOne(still('discriminator')),
      await afterOne(still('network')),
    ];
    expect(network['gpen']).not.toBe(both['gpen']);
    expect(discriminator['gpenDiscriminator']).toBe(both['gpenDiscriminator']);
  });

  test('trains encoder and generator at rates of their own', async () => {
    const of = async (rates: string) => {
      let [before, after]: (StateDict | undefined)[] = [];
      await trainStage('gpen-smoke.yaml', 'gpen', mkdtempSync(join(tmpdir(), 'gpen-')), {
        compile: false,
        set: ['stages.gpen.iterations=1', 'stages.gpen.validation=null', `stages.gpen.rates=${rates}`],
        onBegin: (networks) => (before = networks.get('gpen')!.parameters.stateDict()),
        onIteration: (networks) => (after = networks.get('gpen')!.parameters.stateDict()),
      });
      const moved = (ofGenerator: boolean) =>
        [...after!].some(
          ([tensor, { values }]) =>
            tensor.startsWith('generator.') === ofGenerator && values.join() !== before!.get(tensor)!.values.join(),
        );
      return { encoder: moved(false), generator: moved(true) };
    };
    expect(await of('{generator: 0}')).toEqual({ encoder: true, generator: false });
    expect(await of('{encoder: 0}')).toEqual({ encoder: false, generator: true });
  });

  test('with rates of 1 for both takes the very steps that it takes without', async () => {
    expect((await afterOne('stages.gpen.rates={encoder: 1, generator: 1}'))['gpen']).toBe((await afterOne())['gpen']);
  });

  test('takes path lengths of the whole batch, as officially', async () => {
    const [official, whole, half] = [
      await afterOne(),
      await afterOne('stages.gpen.pathLength.batchShrink=1'),
      await afterOne('stages.gpen.pathLength.batchShrink=2'),
    ];
    expect(whole['gpen']).toBe(official['gpen']);
    expect(half['gpen']).not.toBe(official['gpen']);
  });
});
