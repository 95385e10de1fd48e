import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine, Parameters, type StateDict, type StateTensor } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { GfpGan } from '../gfpgan.ts';
import { StyleGan2Discriminator } from '../stylegan2-discriminator.ts';
import { StyleGan2Generator } from '../stylegan2-generator.ts';
import { fromPublicLayout } from './layouts.ts';
import type { ConvertedPart } from './part.ts';

/** Results of the official networks; `made` says how they were made. */
interface Reference {
  readonly made: string;
  readonly cases: readonly Case[];
}

interface Case {
  readonly layout: string;
  readonly network: 'stylegan2-generator' | 'stylegan2-discriminator';
  /** Options of our network. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Names and shapes of the official state dict: `style_mlp.1.weight 8,8`. */
  readonly names: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The input w of a generator. */
  readonly w?: readonly number[];
  /** Every so many-th value of the image (NHWC), or all logits. */
  readonly every: number;
  readonly result: readonly number[];
}

const { cases } = JSON.parse(
  readFileSync(new URL('./layouts.reference.json', import.meta.url), 'utf8'),
) as unknown as Reference;
const generators = cases.filter(({ network }) => network === 'stylegan2-generator');
const discriminators = cases.filter(({ network }) => network === 'stylegan2-discriminator');

beforeAll(() => void loadEngine('cpu'));

function formulaTensor(name: string, shape: readonly number[], k: number): StateTensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const wave = Float64Array.from({ length: size }, (_, i) => Math.sin(0.618 * i * i + k));
  return { shape, values: Float32Array.from(wave.map((value, i) => scaled(name, shape, value, i))) };
}

/** Weights of the mapping network are used times its learning rate, 0.01. */
function scaled(name: string, shape: readonly number[], wave: number, i: number): number {
  const filter = [1, 3, 3, 1];
  if (name.includes('resample_filter')) return (filter[i % 4]! * filter[Math.floor(i / 4)]!) / 64;
  if (/^(style_mlp\.\d+|mapping\.fc\d+)\./.test(name)) return wave * (shape.length > 1 ? 140 : 10);
  if (/(affine|modulation)\.bias$/.test(name)) return 1 + 0.1 * wave;
  if (shape.length === 0 || /^style_conv(1|s\.\d+)\.weight$/.test(name)) return 0.3 + 0.1 * wave;
  return wave * (shape.length > 1 ? 1.4 : 0.1);
}

function formulaState(names: readonly string[]): StateDict {
  const shapes = new Map(
    names.map((line) => {
      const [name, shape = ''] = line.split(' ') as [string, string?];
      return [name, shape === '' ? [] : shape.split(',').map(Number)];
    }),
  );
  const sorted = [...shapes.keys()].sort();
  return new Map(sorted.map((name, k) => [name, formulaTensor(name, shapes.get(name)!, k)]));
}

function converted({ names, attributes }: Pick<Case, 'names' | 'attributes'>): ConvertedPart {
  return fromPublicLayout({
    name: 'G_ema',
    tensors: formulaState(names),
    attributes: new Map(Object.entries(attributes)),
  })!;
}

function wave(shape: readonly number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from({ length: size }, (_, i) => Math.sin(0.37 * i + 0.0011 * i * i));
  return tf.tensor(values, [...shape]);
}

type GeneratorOptions = ConstructorParameters<typeof StyleGan2Generator>[0] & {
  readonly channels: Record<string, number>;
};

function generatorOptions({ options }: Case): GeneratorOptions {
  return { channelMultiplier: 2, maxChannels: 512, mappingRate: 0.01, ...options } as unknown as GeneratorOptions;
}

const generatorOf = (of: Case) => new StyleGan2Generator(generatorOptions(of));

function discriminatorOf({ options }: Case): StyleGan2Discriminator {
  const defaults = { channelMultiplier: 2, maxChannels: 512, stddevGroup: 4 };
  return new StyleGan2Discriminator({ ...defaults, ...options } as ConstructorParameters<
    typeof StyleGan2Discriminator
  >[0]);
}

/** Within 1e-5 of the greatest. */
function close(found: Tensor, every: number, expected: readonly number[]): void {
  const values = found.dataSync().filter((_, i) => i % every === 0);
  const greatest = Math.max(...expected.map(Math.abs));
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5 * greatest));
}

const titled = (of: readonly Case[]) =>
  of.map((each) => [`${each.layout} ${JSON.stringify(each.options)}`, each] as const);

describe('a public layout', () => {
  test.each(titled(generators))('of a generator gives the official images: %s', (_, expected) => {
    const part = converted(expected);
    expect([part.layout, part.network, part.refusals]).toEqual([expected.layout, expected.network, []]);
    const network = generatorOf(expected);
    const parameters = new Parameters(network, part.tensors);
    parameters.use(() => {
      const w = network.map(wave([2, 8]) as Tensor2D);
      close(w, 1, expected.w!);
      close(network.synthesize(w), expected.every, expected.result);
    });
    parameters.dispose();
  });

  test.each(titled(discriminators))('of a discriminator gives the official logits: %s', (_, expected) => {
    const part = converted(expected);
    expect([part.layout, part.network, part.refusals]).toEqual([expected.layout, expected.network, []]);
    const network = discriminatorOf(expected);
    const parameters = new Parameters(network, part.tensors);
    const image = wave([expected.result.length, network.size, network.size, 3]) as tf.Tensor4D;
    close(
      parameters.use(() => network.score(image)),
      expected.every,
      expected.result,
    );
    parameters.dispose();
  });

  test.each(titled(cases.filter(({ layout }) => layout === 'NVlabs')))(
    'says what tensors do not: %s',
    (_, expected) => {
      const { traits, habits } = converted(expected);
      const { convClamp = null, architecture = 'resnet', stddevGroup } = expected.options;
      const isGenerator = expected.network === 'stylegan2-generator';
      expect(traits).toEqual(isGenerator ? { convClamp, mappingRate: 0.01 } : { convClamp, architecture });
      expect(habits).toEqual(isGenerator ? {} : { stddevGroup });
      expect((isGenerator ? generatorOf(expected) : discriminatorOf(expected)).traits).toEqual(traits);
    },
  );
});

test("NVlabs' discriminator is a residual one by the names of its skips, not by names that hold one of these", () => {
  const others = ['b16.skip.weight_g 4', 'ema.b16.skip.weight 4'];
  const architectures = discriminators
    .filter(({ layout }) => layout === 'NVlabs')
    .map(({ names, attributes }) => converted({ names: [...names, ...others], attributes }).traits['architecture']);
  expect(architectures).toEqual(['resnet', 'skip', 'orig']);
});

test("BasicSR's generator is, tensor by tensor, the decoder that GFP-GAN begins with", () => {
  const [basicsr] = generators.filter(({ layout }) => layout === 'BasicSR') as [Case];
  const { styleWidth, mappingLayers, size, channels } = generatorOptions(basicsr);
  const network = new GfpGan({
    architecture: 'original',
    size,
    channels,
    styleWidth,
    mappingLayers,
    channelMultiplier: 2,
    maxChannels: 512,
    narrow: 1,
    inputIsLatent: true,
    differentW: true,
    sftHalf: true,
    fixDecoder: true,
  });
  const { state } = network.fromPrior(converted(basicsr).tensors);
  const original = [...formulaState(basicsr.names)].map(
    ([name, tensor]) => [`stylegan_decoder.${name}`, tensor] as const,
  );
  expect(new Map([...state].sort())).toEqual(new Map(original));
  const decoder = [...network.buffers().keys()].filter((name) => name.startsWith('stylegan_decoder.'));
  expect([...state.keys()].sort()).toEqual(decoder.sort());
});

describe("NVlabs' networks that none here is are refused by name", () => {
  const [generator] = generators.filter(({ layout }) => layout === 'NVlabs') as [Case];
  const [discriminator] = discriminators.filter(({ layout }) => layout === 'NVlabs') as [Case];
  const refusals = (of: Case, attributes: object, more: readonly string[] = []) =>
    converted({ names: [...of.names, ...more], attributes: { ...of.attributes, ...attributes } }).refusals;

  test.each<[string, Case, object]>([
    ['c_dim is 10: it takes labels, which networks here do not', generator, { c_dim: 10 }],
    ['img_channels is 1, not 3', generator, { img_channels: 1 }],
    ['z_dim is 16, not 8', generator, { z_dim: 16 }],
    ['architecture of synthesis.b8 is "resnet", not "skip"', generator, { 'synthesis.b8.architecture': 'resnet' }],
    ['use_noise of synthesis.b8.conv0 is false, not true', generator, { 'synthesis.b8.conv0.use_noise': false }],
    ['activation of mapping.fc1 is "relu", not "lrelu"', generator, { 'mapping.fc1.activation': 'relu' }],
    ['conv_clamp is None and 256, not the same in all layers', generator, { 'synthesis.b8.conv0.conv_clamp': 256 }],
    ['bias_gain is 0.01 and 1, not the same in all layers', generator, { 'mapping.fc1.bias_gain': 1 }],
    ['c_dim is 2: it takes labels, which networks here do not', discriminator, { c_dim: 2 }],
    ['num_channels of b4.mbstd is 2, not 1', discriminator, { 'b4.mbstd.num_channels': 2 }],
    ['mbstd of b4 is None', discriminator, { 'b4.mbstd': null }],
    ['activation of b8.conv0 is "swish", not "lrelu"', discriminator, { 'b8.conv0.activation': 'swish' }],
  ])('%s', (message, of, attributes) => {
    expect(refusals(of, {})).toEqual([]);
    expect(refusals(of, attributes)).toEqual([message]);
  });

  test('also where only the tensors say it', () => {
    const { names } = generator;
    const { refusals: told } = converted({ names: [...names, 'mapping.embed.weight 8,10'], attributes: {} });
    expect(told).toEqual(['c_dim is not 0: it takes labels, which networks here do not']);
  });
});

test('what is in no layout that is known is left alone', () => {
  const part = { name: '', tensors: formulaState(['a.weight 2']), attributes: new Map() };
  expect(fromPublicLayout(part)).toBeUndefined();
});
