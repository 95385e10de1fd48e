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

/** Of each stage: curves that it draws. */
const STAGES = [
  ['gfpgan', ['loss', 'loss_l1', 'loss_gan_nonsaturating', 'loss_pyramid', 'loss_d', 'r1', 'learning_rate']],
  ['gpen', ['loss', 'loss_smooth_l1', 'loss_gan_nonsaturating', 'path_length', 'loss_d', 'r1', 'learning_rate_d']],
] as const;

describe.each(STAGES)('stage %s', (name, curves) => {
  const judge = name === 'gpen' ? 'gpenDiscriminator' : 'discriminator';
  const counts: number[] = [];
  const states: Record<string, string>[] = [];
  let whole: unknown;
  let wholeFolder: string;

  beforeAll(async () => {
    wholeFolder = folder = mkdtempSync(join(tmpdir(), `${name}-`));
    await train(name, {
      onIteration: (networks) => {
        counts.push(tf.memory().numTensors);
        states.push(numbersOf(networks));
      },
    });
    whole = await leftBy(folder);
  });

  test('changes what it trains, and not the prior', () => {
    const [first, last] = [states[0]!, states.at(-1)!];
    expect(Object.keys(first).sort()).toEqual([judge, name, 'prior.generator'].sort());
    expect(last['prior.generator']).toBe(first['prior.generator']);
    for (const trained of [name, judge]) expect(last[trained]).not.toBe(first[trained]);
  });

  test('eagerly, it gives the same numbers, bit for bit; no iteration leaves tensors behind', async () => {
    const eager: number[] = [];
    await train(name, { compile: false, onIteration: () => eager.push(tf.memory().numTensors) });
    expect(await leftBy(folder)).toEqual(whole);
    for (const each of [counts, eager]) expect([each.length, new Set(each).size]).toEqual([6, 1]);
  });

  test('interrupted, it goes on to the same numbers, bit for bit', async () => {
    await expect(train(name, { interruptAfter: 4 })).rejects.toThrow(Interrupted);
    await train(name);
    expect(await leftBy(folder)).toEqual(whole);
  });

  test('draws its curves and pictures', async () => {
    for (const key of curves) {
      const values = await curveOf(wholeFolder, key);
      expect({ key, count: values.length }).toEqual({ key, count: 2 });
      expect(values.every(Number.isFinite)).toBe(true);
    }
    expect(readdirSync(join(wholeFolder, 'samples')).sort()).toEqual(['0000000.png', '0000003.png', '0000006.png']);
    expect(await curveOf(wholeFolder, 'validation_psnr')).toHaveLength(3);
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
    await train(name, { set });
    const compiled = await leftBy(folder);
    expect(compiled.files.map(([file]) => file)).toContain('best.safetensors');
    const lossOfD = (left: unknown) => (left as Left).curves.filter(([key]) => key === 'loss_d');
    expect(lossOfD(compiled)).not.toEqual(lossOfD(whole));
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
    const constants: string[] = [];
    await train('gfpgan', {
      onIteration: (networks) => {
        const of = (name: string, tensor: string) => {
          return networks.get(name)!.parameters.stateDict().get(tensor)!.values.join();
        };
        constants.push(of('prior.generator', 'input.input'), of('gfpgan', 'stylegan_decoder.constant_input.weight'));
      },
    });
    expect(new Set(constants).size).toBe(1);
    const { tensors } = readSafetensors(join(folder, 'last.safetensors'));
    const average = tensors.get('network.ema.stylegan_decoder.constant_input.weight')!.values;
    expect(average.join()).toBe(constants[0]);
    const [early, late] = await curveOf(folder, 'loss_pyramid');
    expect(late! / early!).toBeLessThan(0.6); // one of three iterations
  });

  test('trains the decoder too where the network leaves it free', async () => {
    const decoder: string[] = [];
    await train('gfpgan', {
      set: ['networks.gfpgan.fixDecoder=false', 'networks.gfpgan.architecture=original'],
      onIteration: (networks) => {
        const state = networks.get('gfpgan')!.parameters.stateDict();
        decoder.push(state.get('stylegan_decoder.constant_input.weight')!.values.join());
      },
    });
    expect(new Set(decoder).size).toBe(6);
  });
});

describe('stage gpen', () => {
  test.each([true, false])('begins with the prior (isconcat %s) and trains all of it', async (isconcat) => {
    const constants: string[] = [];
    const known: string[] = [];
    await train('gpen', {
      set: [`networks.gpen.isconcat=${isconcat}`, 'stages.gpen.optimizers.network.learningRate=1e-9'],
      onIteration: (networks) => {
        const of = (name: string, tensor: string) => networks.get(name)!.parameters.stateDict().get(tensor)!.values;
        const rounded = (values: Float32Array) => [...values].map((value) => value.toFixed(4)).join();
        constants.push(rounded(of('gpen', 'generator.input.input')));
        known.push(rounded(of('prior.generator', 'input.input')));
      },
    });
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
