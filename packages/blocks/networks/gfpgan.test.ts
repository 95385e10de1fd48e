import { describe, expect, test } from '@jest/globals';
import { loadEngine, Parameters, Random, UserError, type StateDict, gradientOf } from '@dualprior/core';
import { randomTensor } from '@dualprior/core/testing/gradient-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { GfpGan } from './gfpgan.ts';
import { isRestorer } from './network.ts';
import { parameterCount } from './gfpgan/fixed.ts';
import { isPriorRestorer } from './prior-restorer.ts';
import { StyleGan2Generator } from './stylegan2-generator.ts';

loadEngine();

const WIDTHS = { size: 16, channelMultiplier: 2, maxChannels: 6, styleWidth: 8, mappingLayers: 2 } as const;
const OPTIONS = {
  ...WIDTHS,
  architecture: 'clean',
  narrow: 1,
  inputIsLatent: true,
  differentW: true,
  sftHalf: true,
  fixDecoder: true,
} as const;
const ARCHITECTURES = ['clean', 'original'] as const;

const generator = new StyleGan2Generator({ ...WIDTHS, mappingRate: 0.01 });
const prior = withNoise(new Parameters(generator, new Random(1)), /noise\.weight$/);

function withNoise(parameters: Parameters, name: RegExp): Parameters {
  const state = parameters.stateDict();
  for (const [key, { values }] of state) if (name.test(key)) values.fill(0.5);
  parameters.load(state);
  return parameters;
}

function greatestDifference(ours: Tensor, theirs: Tensor): number {
  expect(ours.shape).toEqual(theirs.shape);
  return tf.max(tf.abs(tf.sub(ours, theirs))).dataSync()[0]!;
}

function close(ours: Tensor, theirs: Tensor, tolerance: number): void {
  expect(greatestDifference(ours, theirs)).toBeLessThan(tolerance);
}

const image = (name: string | number = 0) => tf.sigmoid(randomTensor([2, 16, 16, 3], name)) as Tensor4D;

describe.each(ARCHITECTURES)('GFP-GAN, %s', (architecture) => {
  const network = new GfpGan({ ...OPTIONS, architecture });
  const parameters = new Parameters(network, new Random(2));
  const { state, unused } = network.fromPrior(prior.stateDict());
  parameters.load(new Map([...parameters.stateDict(), ...state]));

  test('restores images of its size, and has an image of each resolution', () => {
    const { image: restored, auxiliary } = parameters.use(() => network.restore(image()));
    expect([isRestorer(network), isPriorRestorer(network)]).toEqual([true, true]);
    expect(restored.shape).toEqual([2, 16, 16, 3]);
    expect(auxiliary.map(({ shape }) => shape)).toEqual([
      [2, 8, 8, 3],
      [2, 16, 16, 3],
    ]);
  });

  test('has its decoder from the prior, all but what it does not have', () => {
    const decoder = [...parameters.stateDict().keys()].filter((name) => name.startsWith('stylegan_decoder.'));
    expect([...state.keys()].sort()).toEqual(decoder.sort());
    expect(unused.filter((name) => !/blur\.kernel$|upsample\.kernel$/.test(name))).toEqual(['latent_avg']);
  });

  test('maps as the prior does', () => {
    const z = randomTensor([3, 8], 'z') as Tensor2D;
    const ours = parameters.use(() => network.stylegan_decoder.map(z));
    close(
      ours,
      prior.use(() => generator.map(z)),
      1e-5,
    );
  });

  test("its layers are the prior's, but for edges that the clean one repeats", () => {
    const w = randomTensor([1, 8], 'w') as Tensor2D;
    const [x, noise] = [randomTensor([1, 12, 12, 6], 'x'), randomTensor([1, 24, 24, 1], 'noise')] as [
      Tensor4D,
      Tensor4D,
    ];
    const lower = randomTensor([1, 6, 6, 3], 'rgb') as Tensor4D;
    const [up, rgb] = [generator.convs[0]!, generator.to_rgbs[0]!];
    const theirs = prior.use(() => [up.forward(x, w, noise), rgb.forward(x, w, lower)]);
    const decoder = network.stylegan_decoder;
    const ours = parameters.use(() => [
      decoder.style_convs[0]!.forward(x, w, noise),
      decoder.to_rgbs[0]!.forward(x, w, lower),
    ]);
    const edge = architecture === 'clean' ? 3 : 0;
    const inner = (y: Tensor) =>
      tf.slice(y, [0, edge, edge, 0], [1, y.shape[1]! - 2 * edge, y.shape[2]! - 2 * edge, -1]);
    ours.forEach((y, i) => close(inner(y), inner(theirs[i]!), 1e-5));
  });

  test('without conditions the original decoder is the generator, the clean one is not at the edges', () => {
    const w = randomTensor([2, 8], 'w') as Tensor2D;
    const latents = new Array<Tensor2D>(generator.latents).fill(w);
    const ours = parameters.use(() => network.stylegan_decoder.synthesize(latents, [], 'stored'));
    const theirs = prior.use(() => generator.synthesize(w));
    expect(greatestDifference(ours, theirs) < 1e-5).toBe(architecture === 'original');
  });

  test('begins with features that are scaled by 1 and shifted by 0, but for what the weights add', () => {
    const first = new Parameters(new GfpGan({ ...OPTIONS, architecture }), new Random(3)).stateDict();
    const biases = (kind: string) =>
      [...first].filter(([name]) => new RegExp(`^condition_${kind}\\.\\d+\\.2\\.bias$`).test(name));
    const values = (kind: string) => [...new Set(biases(kind).flatMap(([, tensor]) => [...tensor.values]))];
    expect([biases('scale').length, biases('shift').length]).toEqual([2, 2]);
    expect([values('scale'), values('shift')]).toEqual([[1], [0]]);
  });

  test('draws noise of a seed, and has the stored one else', () => {
    const restored = (...seed: number[]) => {
      const noise = seed.length > 0 ? tf.tensor1d(seed, 'int32') : undefined;
      return [...parameters.use(() => network.restore(image(), noise).image).dataSync()];
    };
    expect(restored(1, 2)).toEqual(restored(1, 2));
    expect(restored(1, 2)).not.toEqual(restored(1, 3));
    expect(restored(1, 2)).not.toEqual(restored());
  });

  test('learns everything but the decoder, which learns only if it may', () => {
    const free = new GfpGan({ ...OPTIONS, architecture, fixDecoder: false });
    const isDecoder = (name: string) => name.startsWith('stylegan_decoder.');
    expect([...network.parameters().keys()].some(isDecoder)).toBe(false);
    const [ofFixed, ofFree] = [network, free].map((each) => [...each.parameters().keys(), ...each.buffers().keys()]);
    expect(ofFree!.sort()).toEqual(ofFixed!.sort());

    const trained = withNoise(new Parameters(free, new Random(2)), /conv\d?s?\.\d?\.?weight$/);
    const { gradient } = gradientOf(trained, () => {
      const { image: restored, auxiliary } = free.restore(image());
      return tf.addN([restored, ...auxiliary].map((each) => tf.mean<Scalar>(tf.square(each))));
    });
    const still = [...trained.stateDict(gradient)].filter(
      ([name, { values }]) => free.parameters().has(name) && values.every((value) => value === 0),
    );
    expect(still.map(([name]) => name).filter((name) => !name.includes('style_mlp'))).toEqual([]);
  });
});

describe('GFP-GAN refuses', () => {
  const network = new GfpGan(OPTIONS);

  test.each([
    ['a mapping rate of the clean release', { mappingRate: 0.1 }, /only the architecture `original`/],
    ['a code for each layer that is no w', { inputIsLatent: false }, /inputIsLatent must be true/],
    ['a decoder that cannot be halved', { maxChannels: 5 }, /5 channels at 4x4.*even/],
    ['a decoder of no channels', { narrow: 0.01 }, /0 channels/],
  ])('%s', (_, options, message) => {
    expect(() => new GfpGan({ ...OPTIONS, ...options })).toThrow(message);
  });

  test('images of another size', () => {
    const parameters = new Parameters(network, new Random(0));
    const other = tf.zeros([1, 32, 16, 3]) as Tensor4D;
    expect(() => parameters.use(() => network.restore(other))).toThrow(/32 x 16 x 3.*16 x 16 x 3/);
  });

  test('a prior that is no generator', () => {
    const strange: StateDict = new Map([['intro.weight', { shape: [1], values: new Float32Array(1) }]]);
    expect(() => network.fromPrior(strange)).toThrow(UserError);
  });

  test('a prior that resamples with another filter', () => {
    const other = prior.stateDict();
    other.get('convs.0.conv.blur.kernel')!.values[5] = 0;
    expect(() => network.fromPrior(other)).toThrow(
      /another filter \("convs\.0\.conv\.blur\.kernel"\) than \[1, 3, 3, 1\]/,
    );
  });
});

test.each(ARCHITECTURES)(
  '%s: a decoder that no training changes counts among the parameters all the same',
  (architecture) => {
    const [free, held] = [false, true].map((fixDecoder) => new GfpGan({ ...OPTIONS, architecture, fixDecoder }));
    const trained = new Parameters(held!, new Random(0)).count;
    expect(parameterCount(free!)).toBe(new Parameters(free!, new Random(0)).count);
    expect(parameterCount(held!)).toBe(parameterCount(free!));
    expect(parameterCount(held!)).toBeGreaterThan(trained);
  },
);
