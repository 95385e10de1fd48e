import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { directSampler, type Dataset, type Network, type Restorer } from '@dualprior/blocks';
import { Container, loadEngine, loadExperiment, Parameters, readSafetensors, type StateDict } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import { imageTensor, toImages } from '../inference/images.ts';
import '../index.ts';
import { readResult } from '../store/result-file.ts';
import { curveOf, trainStage, type Networks } from './testing/stage-harness.ts';

jest.setTimeout(120_000);

let folder: string;

beforeAll(() => void loadEngine());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'averages-'));
});

/** Trains a stage, and returns the weights of a network before the first and after each iteration. */
async function weightsOf(file: string, stage: string, network: string, ...set: string[]): Promise<StateDict[]> {
  const states: StateDict[] = [];
  const keep = (networks: Networks) => {
    const { parameters, module } = networks.get(network)!;
    const trained = new Set(module.parameters().keys());
    states.push(new Map([...parameters.stateDict()].filter(([name]) => trained.has(name))));
  };
  await trainStage(file, stage, folder, { set, compile: false, onBegin: keep, onIteration: keep });
  return states;
}

/** The exponential moving average of weights, in float64: a = d a + (1 - d) w, d being `decay` of the iteration (from 0). */
function averageOf(states: readonly StateDict[], decay: (iteration: number) => number): Map<string, number[]> {
  const [first, ...others] = states;
  return new Map(
    [...first!].map(([name, { values }]) => {
      const average = others.reduce((kept, state, iteration) => {
        const [d, now] = [decay(iteration), state.get(name)!.values];
        return kept.map((value, i) => d * value + (1 - d) * now[i]!);
      }, Array.from(values));
      return [name, average];
    }),
  );
}

/** Greatest difference of weights in a stage's file, below a prefix, from others; of those above 1 the relative one. */
function distance(prefix: string, weights: ReadonlyMap<string, ArrayLike<number>>): number {
  const { tensors } = readSafetensors(join(folder, 'last.safetensors'));
  const differences = [...weights].map(([name, values]) => {
    const found = tensors.get(`${prefix}.${name}`)!.values;
    return Math.max(...found.map((value, i) => Math.abs(value - values[i]!) / Math.max(1, Math.abs(value))));
  });
  return Math.max(...differences);
}

const raw = (states: readonly StateDict[]) =>
  new Map([...states.at(-1)!].map(([name, { values }]) => [name, values] as const));

/** The rounding error of six float32 updates. */
const ROUNDING = 1e-6;

describe.each([
  ['smoke', 'hinet', 'hinet', 0.5],
  ['gfpgan-smoke', 'gfpgan', 'gfpgan', 0.4],
  ['gpen-smoke', 'gpen', 'gpen', 0.4],
])('%s', (experiment, stage, network, decay) => {
  const file = `${experiment}.yaml`;

  test('saves the average of the weights beside the weights, validates it, and gives it to others', async () => {
    const states = await weightsOf(file, stage, network);
    const average = averageOf(states, () => decay);
    expect(distance('network', raw(states))).toBe(0);
    expect(distance('network.ema', average)).toBeLessThan(ROUNDING);
    expect(distance('network.ema', raw(states))).toBeGreaterThan(100 * ROUNDING);

    const last = join(folder, 'last.safetensors');
    const others = readResult(last, 'network');
    const own = readSafetensors(last).tensors;
    for (const [name, { values }] of others) expect(values).toEqual(own.get(`network.ema.${name}`)!.values);
    const validated = (await curveOf(folder, 'validation_psnr')).at(-1)!;
    expect(validated).toBeCloseTo(await psnrOf(file, network, others), 6);
    const weights = new Map([...others.keys()].map((name) => [name, own.get(`network.${name}`)!]));
    expect(Math.abs(validated - (await psnrOf(file, network, weights)))).toBeGreaterThan(1e-4);
  });
});

/** Mean PSNR of what a network makes of the validation images, by the definition. */
async function psnrOf(file: string, network: string, state: StateDict): Promise<number> {
  const experiment = loadExperiment(resolve(import.meta.dirname, '../../../experiments', file));
  const container = new Container(experiment);
  const data = container.get<Dataset>('data', 'validation');
  await data.prepare();
  const pairs = await Promise.all(Array.from({ length: data.length }, (_, i) => directSampler.pair(data, i)));
  const module = container.create<Network>('network', experiment.entry('networks', network)) as Restorer;
  const parameters = new Parameters(module, state);
  const images = tf.tidy(() =>
    toImages(parameters.use(() => module.restore(imageTensor(pairs.map(({ degraded }) => degraded))).image)).map(
      (image) => tf.tensor1d(image.data, 'int32'),
    ),
  );
  parameters.dispose();
  const values = images.map((image, n) => {
    const sharp = pairs[n]!.sharp!.data;
    const squares = Array.from(image.dataSync(), (value, i) => (value - sharp[i]!) ** 2);
    return 10 * Math.log10(255 ** 2 / (squares.reduce((sum, each) => sum + each, 0) / squares.length));
  });
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('gan-smoke: the average of the generator', () => {
  const BATCH = 8;

  // stylegan2-ada-pytorch:training/training_loop.py: ema_nimg = min(ema_kimg * 1000, cur_nimg * ema_rampup) and
  // ema_beta = 0.5 ** (batch_size / ema_nimg), cur_nimg being the images shown before the iteration.
  test.each([
    ['as it is', [], Infinity, 0.05],
    ['with a half-life that is shorter than the ramp-up', ['stages.prior.ema.halfLife=1'], 1, 0.05],
    ['without a ramp-up', ['stages.prior.ema={halfLife: 20, rampUp: 0}'], 20, 0],
  ])('%s is that of StyleGAN2-ADA for its batch size', async (_, set, halfLife, rampUp) => {
    const states = await weightsOf('gan-smoke.yaml', 'prior', 'generator', ...set);
    const average = averageOf(states, (iteration) => {
      const images = Math.min(halfLife, rampUp > 0 ? iteration * BATCH * rampUp : Infinity);
      return images === 0 ? 0 : 0.5 ** (BATCH / images);
    });
    expect(distance('generator', raw(states))).toBe(0);
    expect(distance('generator.ema', average)).toBeLessThan(ROUNDING);
  });
});
