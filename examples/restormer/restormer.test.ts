import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import { gradientOf, Parameters, Random, type StateDict } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { CyclicCosine, Restormer } from './index.ts';

interface Config {
  readonly dim: number;
  readonly num_blocks: number[];
  readonly num_refinement_blocks: number;
  readonly heads: number[];
  readonly ffn_expansion_factor?: number;
  readonly bias?: boolean;
  readonly LayerNorm_type?: 'BiasFree';
}

interface Case {
  readonly config: Config;
  /** NCHW. */
  readonly shape: number[];
  readonly output: number[];
  /** The gradients of sum(output cotangent), by parameter: the norm, and its product with numbers of the formula. */
  readonly gradients: Readonly<Record<string, [norm: number, product: number]>>;
}

/** Made by `reference/make.py` with the official code. */
const REFERENCE = JSON.parse(readFileSync(new URL('./reference/restormer.json', import.meta.url), 'utf8')) as {
  readonly cases: Readonly<Record<string, Case>>;
  readonly official: { readonly parameters: number; readonly sha256: string };
  readonly rates: Readonly<Record<string, number>>;
};

const OFFICIAL = {
  width: 48,
  blocks: [4, 6, 6, 8],
  refinementBlocks: 4,
  heads: [1, 2, 4, 8],
  ffnExpansion: 2.66,
  bias: false,
  normalization: 'with-bias' as const,
  imageChannels: 3,
};

beforeAll(() => void loadEngine());

/** centre + spread * u, with u in [-1, 1) from the name and the place: the formula of `reference/make.py`. */
function numbers(name: string, shape: readonly number[], centre: number, spread: number): Float32Array {
  const seed = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  const length = shape.reduce((product, side) => product * side, 1);
  return Float32Array.from({ length }, (_, i) => {
    const value = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return centre + spread * (2 * (value - Math.floor(value)) - 1);
  });
}

function weight(name: string, shape: readonly number[]): Float32Array {
  if (/(?:body\.weight|temperature)$/.test(name)) return numbers(name, shape, 1, 0.5);
  if (shape.length < 4) return numbers(name, shape, 0, 0.1);
  return numbers(name, shape, 0, Math.sqrt(3 / shape.slice(1).reduce((product, side) => product * side, 1)));
}

function image(name: string, [n, c, h, w]: number[], centre: number, spread: number): Tensor4D {
  const values = numbers(name, [n!, c!, h!, w!], centre, spread);
  return tf.transpose(tf.tensor4d(values, [n!, c!, h!, w!]), [0, 2, 3, 1]);
}

function networkOf(config: Config): { network: Restormer; parameters: Parameters } {
  const network = new Restormer({
    ...OFFICIAL,
    width: config.dim,
    blocks: config.num_blocks,
    refinementBlocks: config.num_refinement_blocks,
    heads: config.heads,
    ffnExpansion: config.ffn_expansion_factor ?? 2.66,
    bias: config.bias ?? false,
    normalization: config.LayerNorm_type === 'BiasFree' ? 'bias-free' : 'with-bias',
  });
  const state: StateDict = new Map();
  for (const [name, { shape }] of network.parameters()) state.set(name, { shape, values: weight(name, shape) });
  return { network, parameters: new Parameters(network, state) };
}

/** Largest difference, over the largest number. */
function difference(found: ArrayLike<number>, expected: readonly number[]): number {
  expect(found.length).toBe(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(value - found[i]!))) / largest;
}

describe.each(Object.entries(REFERENCE.cases))('%s: the official code', (_, { config, shape, output, gradients }) => {
  const made = () => ({ ...networkOf(config), x: image('image', shape, 0.5, 0.5) });

  test('gives the same output', () => {
    const { network, parameters, x } = made();
    const restored = tf.tidy(() =>
      tf.transpose(
        parameters.use(() => network.restore(x).image),
        [0, 3, 1, 2],
      ),
    );
    expect(difference(restored.dataSync(), output)).toBeLessThan(1e-5);
  });

  test('gives the same gradient of each parameter', () => {
    const { network, parameters, x } = made();
    const cotangent = image('cotangent', shape, 0, 1);
    const { gradient } = gradientOf(parameters, () => tf.sum(tf.mul(network.restore(x).image, cotangent)));
    const found = parameters.stateDict(gradient);
    expect([...found.keys()].sort()).toEqual(Object.keys(gradients).sort());
    for (const [name, [norm, product]] of Object.entries(gradients)) {
      const { values, shape: own } = found.get(name)!;
      const direction = numbers(name, own, 0, 1);
      const products = values.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      expect({ name, error: Math.abs(Math.hypot(...values) - norm) / norm }).toEqual({
        name,
        error: expect.closeTo(0, 3),
      });
      expect({ name, error: Math.abs(products - product) / norm }).toEqual({ name, error: expect.closeTo(0, 3) });
    }
  });
});

test('has the names and shapes of the official release, so its checkpoints load', () => {
  const parameters = new Restormer(OFFICIAL).parameters();
  const lines = [...parameters].map(([name, { shape }]) => `${name}[${shape.join(',')}]`).sort();
  const count = [...parameters.values()].reduce((sum, { size }) => sum + size, 0);
  const sha256 = createHash('sha256').update(lines.join('\n')).digest('hex');
  expect({ parameters: count, sha256 }).toEqual(REFERENCE.official);
});

test('a black image has a finite gradient', () => {
  const network = new Restormer({
    ...OFFICIAL,
    width: 4,
    blocks: [1, 1, 1, 1],
    refinementBlocks: 0,
    heads: [1, 1, 1, 1],
  });
  const parameters = new Parameters(network, new Random(0));
  const { gradient } = gradientOf(parameters, () => tf.sum(network.restore(tf.zeros([1, 8, 8, 3])).image));
  expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
});

test.each([
  [{ width: 7 }, 'width is 7'],
  [{ width: 6, heads: [1, 5, 4, 8] }, 'heads[1] is 5, but the 12 channels'],
])('%j is refused', (options, message) => {
  expect(() => new Restormer({ ...OFFICIAL, ...options })).toThrow(message);
});

test('an image that is too small is refused', () => {
  const network = new Restormer(OFFICIAL);
  expect(() => network.restore(tf.zeros([1, 3, 8, 3]))).toThrow('a side of 3 pixels');
});

test('the learning rates are those of the official schedule', () => {
  const cycles = [
    { iterations: 92_000, minimum: 3e-4, weight: 1 },
    { iterations: 208_000, minimum: 1e-6, weight: 1 },
  ];
  const schedule = new CyclicCosine({ cycles });
  for (const [iteration, rate] of Object.entries(REFERENCE.rates)) {
    expect(schedule.at(3e-4, Number(iteration)) / rate).toBeCloseTo(1, 10);
  }
  expect(schedule.warnings(3e-4, 300_000)).toEqual([]);
  expect(schedule.warnings(3e-4, 1000)).toEqual([
    'the cycles of the rate are 300000 iterations long, the training 1000',
  ]);
});
