import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine, Parameters, Random, UserError, type StateDict, gradientOf } from '@dualprior/core';
import { randomTensor } from '@dualprior/core/testing/gradient-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { r1Penalty } from '../losses/adversarial/r1-penalty.ts';
import { isDiscriminator } from './discriminator.ts';
import { isGenerator, type SynthesisOptions } from './generator.ts';
import { isRestorer } from './network.ts';
import { discriminatorState, generatorState } from './stylegan2/checkpoint.ts';
import { broadcast, mixStyles, truncate } from './stylegan2/latents.ts';
import { fillMeanLatent, measureMeanLatent, withMeanLatent } from './stylegan2/mean-latent.ts';
import { StyleGan2Discriminator } from './stylegan2-discriminator.ts';
import { StyleGan2Generator } from './stylegan2-generator.ts';

loadEngine();

const WIDTHS = { channelMultiplier: 2, maxChannels: 6 };
const STYLE = { styleWidth: 8, mappingLayers: 2, mappingRate: 0.01 };
const SMALL = { size: 32, ...WIDTHS, ...STYLE } as const;

const generator = new StyleGan2Generator(SMALL);
let weights: Parameters;

beforeAll(() => {
  weights = new Parameters(generator, new Random(1));
  const fresh = weights.stateDict();
  for (const [name, { values }] of fresh) if (name.endsWith('noise.weight')) values.fill(0.5);
  weights.load(fresh);
});

const w = () => randomTensor([2, 8], 'w') as Tensor2D;
const seed = (...words: [number, number]) => tf.tensor1d(words, 'int32');
const image = (latents: Tensor2D | Tensor3D = w(), options: SynthesisOptions = {}) =>
  weights.use(() => generator.synthesize(latents, options));
const numbers = (tensor: Tensor) => [...tensor.dataSync()];

describe("StyleGAN2's generator", () => {
  test('is a generator and nothing else', () => {
    expect([isGenerator(generator), isDiscriminator(generator), isRestorer(generator)]).toEqual([true, false, false]);
  });

  test.each([16, 64, 1024] as const)('of size %i has two latents for each resolution', (size) => {
    const network = new StyleGan2Generator({ ...SMALL, size });
    expect(network.latents).toBe(2 * Math.log2(size) - 2);
    expect(network.to_rgbs.length).toBe(Math.log2(size) - 2);
  });

  test('has the channels of configuration F', () => {
    const official = new StyleGan2Generator({ size: 1024, channelMultiplier: 2, maxChannels: 512, ...STYLE });
    const channels = [4, 8, 16, 32, 64, 128, 256, 512, 1024].map((r) => official.featureChannels(r));
    expect(channels).toEqual([512, 512, 512, 512, 512, 256, 128, 64, 32]);
  });

  test('makes images of its size, of w and of the same W+', () => {
    expect(image().shape).toEqual([2, 32, 32, 3]);
    expect(numbers(image(broadcast(w(), generator.latents)))).toEqual(numbers(image()));
  });

  test('draws other noise for another seed, and the same for the same', () => {
    const one = numbers(image(w(), { noise: seed(1, 2) }));
    expect(numbers(image(w(), { noise: seed(1, 2) }))).toEqual(one);
    expect(numbers(image(w(), { noise: seed(1, 3) }))).not.toEqual(one);
    expect(numbers(image())).not.toEqual(one);
  });

  test('takes the noise that is given', () => {
    const zeros = weights.use(() => generator.noises.of('stored', 1).map((noise) => tf.zerosLike(noise)));
    expect(numbers(image(w(), { noise: zeros }))).not.toEqual(numbers(image()));
    const without = new StyleGan2Generator({ ...SMALL, noise: false });
    const same = new Parameters(without, weights.stateDict()); // its weights are those of one with noise
    expect(numbers(same.use(() => without.synthesize(w())))).toEqual(numbers(image(w(), { noise: zeros })));
  });

  test.each([4, 8, 16, 32])('continues from a feature at %i, with the latents from there on only', (resolution) => {
    const first = generator.firstLatent(resolution);
    expect(first).toBe(2 * Math.log2(resolution) - 4);
    const feature = randomTensor([2, resolution, resolution, generator.featureChannels(resolution)]) as Tensor4D;
    const change = (index: number) => {
      const mask = tf.reshape(tf.oneHot(tf.scalar(index, 'int32'), generator.latents), [1, -1, 1]);
      return tf.add(broadcast(w(), generator.latents), mask) as Tensor3D;
    };
    const made = (latents: Tensor3D) => numbers(image(latents, { from: { resolution, feature } }));
    const same = made(broadcast(w(), generator.latents));
    const below = Array.from({ length: first }, (_, i) => made(change(i)));
    expect(below.every((image) => image.every((value, i) => value === same[i]))).toBe(true);
    expect(made(change(first))).not.toEqual(same);
    expect(made(change(first + 1))).not.toEqual(same);
  });

  test('continues from its own feature as if it had not stopped, but for the colours from below', () => {
    const from = (resolution: number, feature: Tensor4D) => ({ from: { resolution, feature } });
    const constant = weights.use(() => generator.input.forward(2));
    expect(numbers(image(w(), from(4, constant)))).toEqual(numbers(image()));
    const images = weights.use(() => {
      const noises = generator.noises.of('stored', 2);
      const x4 = generator.conv1.forward(constant, w(), noises[0]!);
      const x8 = generator.convs[0]!.forward(x4, w(), noises[1]!);
      const below = generator.to_rgb1.forward(x4, w());
      const up = [8, 16, 32].reduce(
        (rgb, _, i) => generator.to_rgbs[i]!.upsample!.forward(rgb, { up: 2, pad: [2, 1] }),
        below,
      );
      return { whole: tf.add(generator.synthesize(w(), from(8, x8)), up), expected: generator.synthesize(w()) };
    });
    expect(tf.max(tf.abs(tf.sub(images.whole, images.expected))).dataSync()[0]).toBeLessThan(1e-5);
  });

  test('forgets nothing of the mean latent that it is given', () => {
    const state = withMeanLatent(weights, [0, 1]);
    const measured = weights.use(() => measureMeanLatent(generator, seed(0, 1)));
    const loaded = new Parameters(generator, state);
    expect(numbers(loaded.use(() => generator.meanLatent()))).toEqual(numbers(measured));
    expect(numbers(measured).some((value) => Math.abs(value) > 1e-3)).toBe(true);
    loaded.dispose();
  });

  test('has its mean latent measured over 10,000 different z', () => {
    const drawn: number[][] = [];
    const map = (z: Tensor2D) => {
      drawn.push(...(z.arraySync() as number[][]));
      return z;
    };
    const mean = numbers(measureMeanLatent({ styleWidth: 2, map }, seed(0, 1)));
    expect(new Set(drawn.map((z) => z.join())).size).toBe(10_000);
    const expected = [0, 1].map((axis) => drawn.reduce((sum, z) => sum + z[axis]!, 0) / 10_000);
    expect(mean).toEqual(expected.map((value) => expect.closeTo(value, 6) as unknown));
  });

  test('gets a mean latent where it has none, and keeps the one that it has', () => {
    const [without, having] = [weights.stateDict(), withMeanLatent(weights, [0, 1])];
    const filled = (state: StateDict) => {
      const parameters = new Parameters(generator, state);
      fillMeanLatent(parameters, [0, 2]);
      const result = parameters.stateDict();
      parameters.dispose();
      return result;
    };
    expect(filled(without)).toEqual(withMeanLatent(weights, [0, 2]));
    expect(filled(having)).toEqual(having);
  });

  test.each<[string, () => unknown, RegExp]>([
    ['z of another width', () => generator.map(tf.zeros([2, 7])), /z has the shape \(2, 7\).*styleWidth, 8/],
    [
      'w of another width',
      () => generator.synthesize(tf.zeros<tf.Rank.R2>([2, 9])),
      /w has the shape \(2, 9\).*styleWidth, 8/,
    ],
    [
      'W+ of another count',
      () => generator.synthesize(tf.zeros<tf.Rank.R3>([2, 5, 8])),
      /\(2, 5, 8\), but \(N, 8, 8\)/,
    ],
    [
      'a resolution that it lacks',
      () => generator.featureChannels(64),
      /resolution 64; of size 32 it has 4, 8, 16, 32/,
    ],
    [
      'a feature of another shape',
      () => generator.synthesize(w(), { from: { resolution: 8, feature: tf.zeros([2, 4, 4, 6]) } }),
      /\(2, 4, 4, 6\), but \(2, 8, 8, 6\)/,
    ],
    ['too few noises', () => generator.synthesize(w(), { noise: [tf.zeros([1, 4, 4, 1])] }), /1 noise images.*7/],
    [
      'noise of another size',
      () => generator.synthesize(w(), { noise: Array.from({ length: 7 }, () => tf.zeros<tf.Rank.R4>([1, 4, 4, 1])) }),
      /noise 1 has the shape \(1, 4, 4, 1\)/,
    ],
  ])('refuses %s', (_, call, message) => {
    expect(() => weights.use(call)).toThrow(UserError);
    expect(() => weights.use(call)).toThrow(message);
  });

  test.each([
    [{ size: 48 }, /size is 48.*16, 32, 64, 128, 256, 512, 1024/],
    [{ size: 8 }, /size is 8/],
    [{ channels: { 4: 8, 8: 8, 16: 8, 64: 8 } }, /channels lacks 32 and has 64, but size 32 has 4, 8, 16, 32/],
  ])('refuses the options %j', (options, message) => {
    expect(() => new StyleGan2Generator({ ...SMALL, ...(options as object) })).toThrow(message);
  });
});

describe('latents', () => {
  const [a, b] = [tf.fill([2, 3], 1), tf.fill([2, 3], 5)] as [Tensor2D, Tensor2D];
  const perLatent = (latents: Tensor3D) => numbers(tf.slice(latents, [0, 0, 0], [1, -1, 1]));

  test('are mixed at an index, which may be a tensor', () => {
    expect(perLatent(mixStyles(a, b, 1, 4))).toEqual([1, 5, 5, 5]);
    expect(perLatent(mixStyles(a, b, tf.scalar(3, 'int32'), 4))).toEqual([1, 1, 1, 5]);
    const each = mixStyles(a, b, tf.tensor3d([0, 4], [2, 1, 1], 'int32'), 4);
    expect(numbers(tf.max(each, [1, 2]))).toEqual([5, 1]);
  });

  test('are truncated towards the mean, all or the first', () => {
    const mean = tf.zeros<tf.Rank.R2>([1, 3]);
    expect(numbers(truncate(b, mean, 0.5))).toEqual(new Array<number>(6).fill(2.5));
    expect(perLatent(truncate(mixStyles(a, b, 3, 4), mean, tf.scalar(0.5), 2))).toEqual([0.5, 0.5, 1, 5]);
    const other = tf.fill<tf.Rank.R2>([1, 3], 2);
    expect(perLatent(truncate(broadcast(b, 2), other, 0.5))).toEqual([3.5, 3.5]);
    expect(truncate(broadcast(b, 2), mean, 0.2, 9).shape).toEqual([2, 2, 3]);
  });
});

describe("StyleGAN2's discriminator", () => {
  const discriminator = new StyleGan2Discriminator({ size: 16, ...WIDTHS, stddevGroup: 4 });
  const parameters = () => new Parameters(discriminator, new Random(1));
  const score = (shape: Tensor4D['shape']) =>
    parameters().use(() => discriminator.score(randomTensor(shape) as Tensor4D));

  test('gives one logit an image', () => {
    expect(isDiscriminator(discriminator)).toBe(true);
    expect(score([8, 16, 16, 3]).shape).toEqual([8, 1]);
    expect(score([3, 16, 16, 3]).shape).toEqual([3, 1]);
  });

  test('takes the whole batch as one group where that is its rule', () => {
    const [whole, six] = (['batch', 6] as const).map((stddevGroup) => {
      const other = new StyleGan2Discriminator({ size: 16, ...WIDTHS, stddevGroup });
      const images = randomTensor([6, 16, 16, 3]) as Tensor4D;
      return [...new Parameters(other, new Random(1)).use(() => other.score(images)).dataSync()];
    });
    expect(whole).toEqual(six);
  });

  test.each(['resnet', 'skip', 'orig'] as const)(
    '%s has the R1 gradient of its function, clamped too',
    (architecture) => {
      const options = { size: 16, ...WIDTHS, stddevGroup: 4, architecture } as const;
      const images = randomTensor([2, 16, 16, 3]) as Tensor4D;
      const r1 = (convClamp?: number) => {
        const network = new StyleGan2Discriminator({ ...options, ...(convClamp && { convClamp }) });
        const parameters = new Parameters(network, new Random(1));
        const penalty = () => r1Penalty((x) => network.score(x), images);
        return { parameters, penalty, ...gradientOf(parameters, penalty) };
      };
      const [free, wide, tight] = [r1(), r1(1e3), r1(0.7)];
      expect(numbers(wide.gradient)).toEqual(numbers(free.gradient));
      expect(numbers(tight.value)).not.toEqual(numbers(free.value));
      // The penalty is a quadratic form of the last weights, so their gradient times themselves is twice the penalty (Euler).
      const last = 'final_linear.1.weight';
      const [own, gradient] = [tight.parameters.stateDict(), tight.parameters.stateDict(tight.gradient)].map(
        (state) => state.get(last)!.values,
      );
      const product = own!.reduce((sum, value, i) => sum + value * gradient![i]!, 0);
      expect(product / (2 * numbers(tight.value)[0]!)).toBeCloseTo(1, 4);
    },
  );

  test('refuses a batch that cannot be divided, and images of another size', () => {
    expect(() => score([6, 16, 16, 3])).toThrow(/batch of 6 images.*groups of 4.*multiple of 4, or at most 4/);
    expect(() => score([4, 32, 16, 3])).toThrow(/32 x 16 x 3.*takes 16 x 16 x 3/);
    expect(() => score([6, 16, 16, 3])).toThrow(UserError);
  });
});

describe('a checkpoint', () => {
  const tensor = (...values: number[]) => ({ shape: [1, values.length], values: Float32Array.from(values) });

  test('of training gives the average, its mean latent and the discriminator', () => {
    const checkpoint = new Map([
      ['g.a', tensor(1)],
      ['g_ema.a', tensor(2)],
      ['d.b', tensor(3)],
      ['latent_avg', tensor(4, 5)],
    ]);
    expect(generatorState(checkpoint)).toEqual(
      new Map([
        ['a', tensor(2)],
        ['latent_avg', { shape: [2], values: Float32Array.of(4, 5) }],
      ]),
    );
    expect(discriminatorState(checkpoint)).toEqual(new Map([['b', tensor(3)]]));
  });

  test('may be the plain weights', () => {
    expect(generatorState(new Map([['a', tensor(2)]]))).toEqual(new Map([['a', tensor(2)]]));
  });

  test('without a mean latent loads, with none at all it says what is missing', () => {
    const state = weights.stateDict();
    state.delete('latent_avg');
    new Parameters(generator, state).dispose();
    state.delete('noises.noise_0');
    expect(() => new Parameters(generator, state)).toThrow(/noises.noise_0: missing/);
    expect(() => new Parameters(generator, state)).not.toThrow(/latent_avg/);
  });

  test('vectors of the average are what is measured and kept', () => {
    const zeros = tf.zerosLike(weights.vector) as Tensor1D;
    const state = withMeanLatent(weights, [0, 1], zeros);
    expect(Math.max(...state.get('latent_avg')!.values)).toBe(0);
    expect(Math.max(...state.get('convs.0.conv.weight')!.values)).toBe(0);
  });
});
