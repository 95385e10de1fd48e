import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Network, type Restorer } from '@dualprior/blocks';
import {
  cacheFolder,
  catalogue,
  loadEngine,
  loadExperiment,
  Parameters,
  Random,
  readCheckpoint,
  readSafetensorsMetadata,
  withOptions,
  type StateDict,
} from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { spandrelPython, SPANDREL_VERSION } from '../../../tools/setup/spandrel.mjs';
import '../index.ts';
import { recognise } from '../networks/weights/recognise.ts';
import { writeResult } from '../store/result-file.ts';
import { StageFolder } from '../store/stage-folder.ts';
import { exportNetworks } from './export-network.ts';
import { trainedWeights, type TrainedWeights } from './trained-weights.ts';

jest.setTimeout(120_000);

const SMOKE = resolve(import.meta.dirname, '../../../experiments/smoke.yaml');
const NAFNET = '{type: nafnet, width: 4, encoderBlocks: [1, 2], middleBlocks: 1, decoderBlocks: [1, 1]}';
const GFPGAN = '{type: gfpgan, size: 64, channelMultiplier: 1, narrow: 0.0625, styleWidth: 16, mappingLayers: 2}';
/** The same by the names of the official code. */
const GFPGAN_THERE = {
  out_size: 64,
  num_style_feat: 16,
  channel_multiplier: 1,
  narrow: 0.0625,
  num_mlp: 2,
  input_is_latent: true,
  different_w: true,
  sft_half: true,
  fix_decoder: false,
};
const ENCODER =
  '{type: inversion-encoder, size: 64, resolution: 8, featureChannels: 4, latents: 1, styleWidth: 4, filterMin: 2}';

/** A run whose stage has trained a network with these options: the folder that an experiment leaves, as far as an export reads it. */
function runOf(network: string, isComplete = true): { readonly run: string; readonly state: StateDict } {
  const folder = mkdtempSync(join(tmpdir(), 'export-'));
  const [run, stage] = [join(folder, 'run'), join(folder, 'store', '0123456789abcdef')];
  const experiment = loadExperiment(SMOKE, { set: ['networks.nafnet=null', `networks.nafnet=${network}`] });
  const state = numbers(withOptions(experiment.entry('networks', 'nafnet')));
  mkdirSync(join(run, 'stages'), { recursive: true });
  mkdirSync(stage, { recursive: true });
  writeFileSync(join(run, 'experiment.yaml'), experiment.toYaml());
  writeResult(join(stage, 'best.safetensors'), [{ role: 'network', state }]);
  new StageFolder(stage).update({ complete: isComplete, result: 'best', iterations: 7 });
  symlinkSync(stage, join(run, 'stages', 'nafnet'));
  return { run, state };
}

/** Numbers that tell every tensor from every other. */
function numbers(spec: ReturnType<typeof withOptions>): StateDict {
  const module = moduleOf(spec);
  const parameters = new Parameters(module, new Random(3));
  const state = parameters.stateDict();
  parameters.dispose();
  return new Map(
    [...state].map(([name, { shape, values }]) => {
      const isCount = name.endsWith('num_batches_tracked');
      return [
        name,
        { shape, values: values.map((value, i) => (isCount ? 5 : value + 0.02 * Math.sin(i + name.length))) },
      ];
    }),
  );
}

function moduleOf({ type, ...options }: ReturnType<typeof withOptions>): Network {
  return new (catalogue.find('network', type)!.create)(options) as Network;
}

const exported = async (run: string, format: 'safetensors' | 'pth') => {
  const trained = await trainedWeights(run, 'nafnet.nafnet');
  return { trained, ...exportNetworks([trained], join(run, `w.${format}`), format) };
};

beforeAll(() => void loadEngine('cpu'));

describe.each(['safetensors', 'pth'] as const)('an export as %s', (format) => {
  test('has the official names and numbers, and tells what it is', async () => {
    const { run, state } = runOf(NAFNET);
    const { trained, weights, card } = await exported(run, format);
    const { tensors } = readCheckpoint(weights);
    expect(new Map([...tensors].map(([name, { shape, values }]) => [name, { shape, values }]))).toEqual(state);
    expect(recognise({ file: weights }).spec).toEqual(trained.spec);
    expect(trained.officialCode).toMatch(/megvii-research\/NAFNet$/);
    const text = readFileSync(card, 'utf8');
    expect(text).toContain('`nafnet` with width: 4, encoderBlocks: [1, 2]');
    expect(text).toContain('stage `nafnet`, 7 iterations');
  });

  test('of a network that no official code has is written all the same; counters are int64', async () => {
    const { run, state } = runOf(ENCODER);
    // The stage restores images, which an encoder does not: only its file counts here.
    const { trained, weights, card } = await exported(run, format);
    expect(trained.officialCode).toBeUndefined();
    const { dtypes, tensors } = readCheckpoint(weights);
    const counters = [...dtypes].filter(([, dtype]) => dtype === 'I64').map(([name]) => name);
    expect(counters).toEqual([...state.keys()].filter((name) => name.endsWith('num_batches_tracked')));
    expect(counters.length).toBeGreaterThan(0);
    expect(tensors.get(counters[0]!)!.values).toEqual(Float32Array.of(5));
    expect(readFileSync(card, 'utf8')).toContain('No official code has this network');
  });
});

test('safetensors say architecture, options, experiment and metrics', async () => {
  const { run } = runOf(NAFNET);
  const { trained, weights } = await exported(run, 'safetensors');
  const { type, ...options } = trained.spec;
  const { format, architecture, experiment, metrics, ...rest } = Object.fromEntries(readSafetensorsMetadata(weights));
  expect([format, architecture, JSON.parse(rest['options']!)]).toEqual(['pt', type, options]);
  expect(JSON.parse(experiment!)).toMatchObject({ name: 'smoke', network: 'nafnet.nafnet' });
  expect(JSON.parse(metrics!)).toEqual({});
});

/** A run of gan-smoke.yaml whose stage has left these networks. */
function ganRun(): { readonly run: string; readonly states: ReadonlyMap<string, StateDict> } {
  const folder = mkdtempSync(join(tmpdir(), 'export-'));
  const [run, stage] = [join(folder, 'run'), join(folder, 'store', '0123456789abcdef')];
  const experiment = loadExperiment(resolve(SMOKE, '../gan-smoke.yaml'), { set: [] });
  const states = new Map(
    ['generator', 'discriminator'].map((name) => [name, numbers(withOptions(experiment.entry('networks', name)))]),
  );
  mkdirSync(join(run, 'stages'), { recursive: true });
  mkdirSync(stage, { recursive: true });
  writeFileSync(join(run, 'experiment.yaml'), experiment.toYaml());
  writeResult(
    join(stage, 'last.safetensors'),
    [...states].map(([role, state]) => ({ role, state })),
  );
  new StageFolder(stage).update({ complete: true, result: 'last', iterations: 6 });
  symlinkSync(stage, join(run, 'stages', 'prior'));
  return { run, states };
}

test.each(['safetensors', 'pth'] as const)(
  'several networks go into one %s file, each below its name',
  async (format) => {
    const { run, states } = ganRun();
    const [generator, discriminator] = await Promise.all(
      ['prior.generator', 'prior.discriminator'].map((name) => trainedWeights(run, name)),
    );
    const { weights, card } = exportNetworks([generator!, discriminator!], join(run, `w.${format}`), format);
    const { tensors } = readCheckpoint(weights);
    const expected = [...states].flatMap(([part, state]) =>
      [...state].map(([name, { shape, values }]) => [`${part}.${name}`, { shape, values }] as const),
    );
    expect(new Map([...tensors].map(([name, { shape, values }]) => [name, { shape, values }]))).toEqual(
      new Map(expected),
    );
    for (const { spec } of [generator!, discriminator!]) {
      const part = spec.type.replace('stylegan2-', '');
      expect(recognise({ file: weights, part }).spec.type).toEqual(spec.type);
    }
    const text = readFileSync(card, 'utf8');
    expect(text).toMatch(/^# gan-smoke: prior\.generator, prior\.discriminator$/m);
    expect(text).toContain('`stylegan2-discriminator` with size: 16');
    expect(text).toContain('{file: w.');
    expect(() => exportNetworks([generator!, generator!], join(run, 'twice.pth'), 'pth')).toThrow(
      /Two networks cannot both be "generator"/,
    );
  },
);

describe('what cannot be exported is an error', () => {
  test.each([
    [
      'nafnt.nafnet',
      /trains no network "nafnt\.nafnet" \(did you mean "nafnet\.nafnet"\?\)\. It trains nafnet\.nafnet, hinet\.hinet\./,
    ],
    ['nafnet', /trains no network "nafnet"/],
    ['hinet.hinet', /stage "hinet" of .* is not trained yet/],
  ])('%s', async (reference, message) => {
    const { run } = runOf(NAFNET);
    await expect(trainedWeights(run, reference)).rejects.toThrow(message);
  });

  test('a stage that is half trained, and a folder that is no run', async () => {
    const { run } = runOf(NAFNET, false);
    await expect(trainedWeights(run, 'nafnet.nafnet')).rejects.toThrow(/is not trained to its end/);
    await expect(trainedWeights(join(run, 'stages'), 'nafnet.nafnet')).rejects.toThrow(/is not a run directory/);
  });
});

const python = spandrelPython(cacheFolder());
if (python === undefined) {
  console.warn(
    `Exports are not loaded by spandrel: spandrel ${SPANDREL_VERSION} is not installed (npm run setup -- --spandrel).`,
  );
}

/** Ours for the image that the Python program makes, in its layout. */
function ours({ network, state }: TrainedWeights, height: number, width: number): number[] {
  const parameters = new Parameters(network, state);
  const values = Float32Array.from({ length: 3 * height * width }, (_, i) => Math.sin(i * 0.37) * 0.5 + 0.5);
  return tf.tidy(() => {
    const image: Tensor4D = tf.transpose(tf.tensor4d(values, [1, 3, height, width]), [0, 2, 3, 1]);
    const result = parameters.use(() => (network as Restorer).restore(image).image);
    return [...tf.transpose(result, [0, 3, 1, 2]).dataSync()];
  });
}

(python === undefined ? describe.skip : describe)('spandrel', () => {
  test.each([
    ['NAFNet', NAFNET, 'safetensors', 24, 20, undefined],
    ['GFPGANv1Clean', GFPGAN, 'pth', 64, 64, GFPGAN_THERE],
  ] as const)(
    'loads %s (%s) as %s and restores the same image',
    async (name, network, format, height, width, options) => {
      const { trained, weights } = await exported(runOf(network).run, format);
      const program = join(import.meta.dirname, 'testing', 'load-with-spandrel.py');
      const more = options ? [JSON.stringify(options)] : [];
      const text = execFileSync(python!, ['-W', 'ignore', program, weights, String(height), String(width), ...more], {
        encoding: 'utf8',
      });
      const [loaded, shape, theirs] = JSON.parse(text) as [string, number[], number[]];
      expect([loaded, shape]).toEqual([name, [1, 3, height, width]]);
      const found = ours(trained, height, width);
      const error = theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
      const greatest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(error).toBeLessThan(1e-5 * greatest);
    },
  );
});
