import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Network } from '@dualprior/blocks';
import {
  catalogue,
  loadEngine,
  Parameters,
  UserError,
  writeSafetensors,
  type SpecWithOptions,
  type Module,
  type StateDict,
} from '@dualprior/core';
import '../../index.ts';
import { NVLABS_DISCRIMINATOR, NVLABS_GENERATOR, nvlabsFolder } from '../../goldens/testing/nvlabs.ts';
import { loadWeights } from './load-weights.ts';

function create({ type, ...options }: SpecWithOptions): Network {
  return new (catalogue.find('network', type)!.create)(options) as Network;
}

beforeAll(() => void loadEngine('cpu'));

const NAFNET = {
  type: 'nafnet',
  width: 4,
  encoderBlocks: [1, 2],
  middleBlocks: 1,
  decoderBlocks: [1, 1],
  imageChannels: 3,
  depthwiseExpansion: 2,
  ffnExpansion: 2,
};
const GENERATOR = {
  type: 'stylegan2-generator',
  size: 16,
  channelMultiplier: 2,
  maxChannels: 8,
  styleWidth: 4,
  mappingLayers: 2,
  mappingRate: 0.01,
};

/** All tensors of a network, full of a number. */
function filled(module: Module, value: number): StateDict {
  const all = [...module.parameters(), ...module.buffers()];
  return new Map(all.map(([name, { shape, size }]) => [name, { shape, values: new Float32Array(size).fill(value) }]));
}

function below(prefix: string, state: StateDict): StateDict {
  return new Map([...state].map(([name, tensor]) => [`${prefix}.${name}`, tensor]));
}

function written(...parts: StateDict[]): string {
  const file = join(mkdtempSync(join(tmpdir(), 'weights-')), 'w.safetensors');
  writeSafetensors(file, new Map(parts.flatMap((part) => [...part])));
  return file;
}

function load(file: string, spec: SpecWithOptions): StateDict {
  const { state, verify } = loadWeights({ file }, create(spec), spec, create);
  verify();
  return state;
}

const nafnet = create(NAFNET);
const one = filled(nafnet, 1);
const two = filled(nafnet, 2);

describe('weights of a file', () => {
  test.each([
    ['as they are', [one], one],
    ['below a name', [below('params', one)], one],
    ['below several, as of a model that wraps it', [below('state_dict.module', one)], one],
    ['of the average where there is one', [below('params', one), below('params_ema', two)], two],
    ['as our own stages write them', [below('network', one), below('network.ema', two)], two],
    ['among those of other networks', [below('discriminator', filled(create(GENERATOR), 3)), below('r', one)], one],
  ])('%s', (_, parts, expected) => {
    expect(load(written(...parts), NAFNET)).toEqual(expected);
  });

  test('of a generator come with the mean latent that lies beside them, if there is one', () => {
    const generator = filled(create(GENERATOR), 1);
    generator.delete('latent_avg');
    const mean = { shape: [4], values: Float32Array.of(1, 2, 3, 4) };
    const [g, ema, d] = [below('g', filled(create(GENERATOR), 5)), below('g_ema', generator), below('d', one)];
    expect(load(written(g, d, ema, new Map([['latent_avg', mean]])), GENERATOR)).toEqual(
      new Map([...generator, ['latent_avg', mean]]),
    );
    expect(load(written(below('g_ema', generator)), GENERATOR)).toEqual(generator);
  });
});

describe('what of a file was taken', () => {
  const report = (parts: StateDict[], part?: string, spec: SpecWithOptions = NAFNET) => {
    const file = written(...parts);
    const { report: text, isDoubtful } = loadWeights({ file, ...(part && { part }) }, create(spec), spec, create);
    return { text: text?.replaceAll(file, 'F'), isDoubtful };
  };
  const averaged = [below('params', one), below('params_ema', two)];
  const two_nets = [below('net_a', one), below('net_b', two)];

  test.each([
    ['nothing where all of it was', [one], { text: undefined, isDoubtful: false }],
    [
      'the only part that fits',
      [below('params', one)],
      { text: 'begins with F (its part "params")', isDoubtful: false },
    ],
    [
      'an average before what it is of',
      averaged,
      {
        text: 'begins with F (its part "params_ema"), an average; "params" fits as well: choose with {file: F, part: params}',
        isDoubtful: false,
      },
    ],
    [
      'the first of several, which is doubtful',
      two_nets,
      {
        text: 'begins with F (its part "net_a"); "net_b" fits as well: choose with {file: F, part: net_b}',
        isDoubtful: true,
      },
    ],
  ])('is reported: %s', (_, parts, expected) => {
    expect(report(parts)).toEqual(expected);
  });

  test.each([
    ['params', averaged, one],
    ['params_ema', averaged, two],
    ['net_b', two_nets, two],
    ['a.b.c.d', [below('a.b.c.d', one), below('e', two)], one],
    ['state_dict', [below('other', two), below('state_dict.module', one)], one],
  ])('may be chosen: %s', (part, parts, expected) => {
    expect(loadWeights({ file: written(...parts), part }, create(NAFNET), NAFNET, create).state).toEqual(expected);
    expect(report(parts, part).text).toMatch(/^begins with F \(its part "[^"]+"\)$/);
  });

  test('a part that is not there is an error that lists those that are', () => {
    expect(() => report(two_nets, 'net_c')).toThrow(/has no part "net_c"\. Its parts: net_a, net_b\./);
    expect(() => report(averaged, 'param')).toThrow(/Its parts: params, params_ema\./);
    expect(() => report([one], 'intro.weight')).toThrow(/has no part "intro\.weight"/);
  });

  test("a profiler's counters are left out, and that is said", () => {
    const counter = { shape: [1], values: Float32Array.of(7) };
    const counters: StateDict = new Map(
      ['params.total_ops', 'params.intro.total_ops', 'params.intro.total_params'].map((name) => [name, counter]),
    );
    const parts = [below('params', one), counters];
    expect(load(written(...parts), NAFNET)).toEqual(one);
    expect(report(parts).text).toBe(
      'begins with F (its part "params"); 3 counters of thop (total_ops, total_params) are left out',
    );
  });
});

describe('weights in a public layout', () => {
  const generator = filled(create(GENERATOR), 1);
  const modulated = /^(to_rgb1|to_rgbs\.\d+|conv1|convs\.\d+)\.conv\./;
  /** Our names as BasicSR has them (BasicSR:basicsr/archs/stylegan2_arch.py), which stores no blurs. */
  const basicsr: StateDict = new Map(
    [...generator]
      .filter(([name]) => !name.endsWith('.kernel') && name !== 'latent_avg')
      .map(([name, tensor]) => [
        name
          .replace(modulated, '$1.modulated_conv.')
          .replace(/^conv1\./, 'style_conv1.')
          .replace(/^convs\./, 'style_convs.')
          .replace(/\.noise\.weight$/, '.weight')
          .replace(/^style\.(\d)/, 'style_mlp.$1')
          .replace('noises.noise_', 'noises.noise')
          .replace('input.input', 'constant_input.weight'),
        tensor,
      ]),
  );

  test('are taken as the network has them, and that is said', () => {
    const file = written(below('params_ema', basicsr));
    const { state, report } = loadWeights({ file }, create(GENERATOR), GENERATOR, create);
    expect(new Map([...state].sort())).toEqual(
      new Map([...generator].filter(([name]) => !name.endsWith('.kernel') && name !== 'latent_avg').sort()),
    );
    expect(report).toMatch(/^begins with .*\(its part "params_ema", in the layout of BasicSR\), an average$/);
    expect(() => new Parameters(create(GENERATOR), state).dispose()).not.toThrow();
  });

  test('of another architecture are an error with the options that fit', () => {
    expect(() => load(written(below('params', basicsr)), { ...GENERATOR, size: 32, mappingLayers: 3 })).toThrow(
      /in the layout of BasicSR\) does not fit stylegan2-generator:[^]*It fits \{type: stylegan2-generator, size: 16, mappingLayers: 2\}/,
    );
    const judge = { type: 'stylegan2-discriminator', size: 16, channelMultiplier: 2, maxChannels: 8, stddevGroup: 4 };
    expect(() => load(written(below('params', basicsr)), judge)).toThrow(
      /It fits \{type: stylegan2-generator, size: 16, .*\}/,
    );
  });
});

describe("NVlabs' pickles", () => {
  const file = join(nvlabsFolder(), 'small.pkl');
  const told = (spec: SpecWithOptions, part?: string) =>
    loadWeights({ file, ...(part && { part }) }, create(spec), spec, create).report?.replaceAll(file, 'F');

  test('give the average of the generator, and the discriminator', () => {
    const half = 'its highest resolution was trained in float16, computed here in float32';
    expect(told(NVLABS_GENERATOR)).toBe(
      `begins with F (its part "G_ema", in the layout of NVlabs), an average; ${half}`,
    );
    expect(told(NVLABS_DISCRIMINATOR)).toBe(`begins with F (its part "D", in the layout of NVlabs); ${half}`);
    expect(() => told(NVLABS_GENERATOR, 'G')).toThrow(/has no part "G"\. Its parts: D, G_ema\./);
  });

  test.each<[string, SpecWithOptions, RegExp]>([
    [
      'no clamp',
      { ...NVLABS_GENERATOR, convClamp: undefined },
      /convClamp is 2 there, but absent here\n {2}It fits \{type: stylegan2-generator, convClamp: 2\}\./,
    ],
    [
      'another clamp and rate',
      { ...NVLABS_GENERATOR, convClamp: 256, mappingRate: 1 },
      /mappingRate is 0\.01 there, but 1 here\n {2}convClamp is 2 there, but 256 here\n {2}It fits \{type: stylegan2-generator, mappingRate: 0\.01, convClamp: 2\}\./,
    ],
    [
      'residual blocks',
      { ...NVLABS_DISCRIMINATOR, architecture: undefined },
      /architecture is skip there, but resnet here\n {2}It fits \{type: stylegan2-discriminator, architecture: "skip"\}\./,
    ],
    [
      'another network',
      { ...NAFNET },
      /does not fit nafnet:[^]*It fits \{type: stylegan2-(generator|discriminator), size: 16, .*, convClamp: 2\}\./,
    ],
  ])('do not fit a network with %s, and say what would', (_, spec, message) => {
    expect(() => told(spec)).toThrow(message);
  });
});

describe('weights of another architecture', () => {
  function mistake(state: StateDict, spec: SpecWithOptions): UserError {
    try {
      load(written(state), spec);
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    }
    throw new Error('It fits.');
  }

  const complaint = (state: StateDict, spec: SpecWithOptions) => mistake(state, spec).message;

  test('are an error with groups of names, their count, and the options that fit; all names are its details', () => {
    const error = mistake(below('params', one), { ...NAFNET, width: 16, encoderBlocks: [1, 1] });
    const text = error.message;
    expect(text).toContain('(its part "params") does not fit nafnet:');
    expect(text).toContain('unexpected (18): encoders.1.* (18)\n');
    const details = error.problems[0]!.details!;
    expect(details.filter((line) => /^unexpected: encoders\.1\.1\./.test(line))).toHaveLength(18);
    expect(details).toContain('other shape: intro.weight is (4, 3, 3, 3), not (16, 3, 3, 3)');
    expect(text).toMatch(/other shapes \(\d+\): intro\.weight is \(4, 3, 3, 3\), not \(16, 3, 3, 3\); .*\.\.\.\n/);
    expect(text).toContain('It fits {type: nafnet, width: 4, encoderBlocks: [1, 2]}.');
  });

  test('may fit another network', () => {
    const hinet = { type: 'hinet', width: 4, depth: 2, initialization: 'orthogonal' };
    const options = { imageChannels: 3, reluSlope: 0.2, hinPositionLeft: 0, hinPositionRight: 4 };
    const text = complaint(filled(create({ ...hinet, ...options }), 1), NAFNET);
    expect(text).toMatch(/missing \(\d+\): intro\.\* \(2\), /);
    expect(text).toMatch(/It fits \{type: hinet, .*width: 4.*\}\./);
  });

  const CHANNELS = { ...GENERATOR, size: 32, mappingLayers: 3, channels: { 4: 8, 8: 6, 16: 6, 32: 5 } };
  const JUDGE = {
    type: 'stylegan2-discriminator',
    size: 32,
    channelMultiplier: 2,
    maxChannels: 512,
    channels: { 4: 8, 8: 3, 16: 4, 32: 2 },
    stddevGroup: 4,
  };

  test('of a generator or a discriminator have their architecture in their shapes', () => {
    const both = new Map([...below('g_ema', filled(create(CHANNELS), 1)), ...below('d', filled(create(JUDGE), 1))]);
    const generator = { ...GENERATOR, maxChannels: 512, styleWidth: 512 };
    expect(complaint(both, generator)).toContain(
      'It fits {type: stylegan2-generator, size: 32, styleWidth: 4, mappingLayers: 3, channels: {4: 8, 8: 6, 16: 6, 32: 5}}.',
    );
    expect(complaint(both, { ...JUDGE, channels: undefined })).toContain(
      'It fits {type: stylegan2-discriminator, channels: {4: 8, 8: 3, 16: 4, 32: 2}}.',
    );
    const plain = below('g_ema', filled(create({ ...GENERATOR, size: 32 }), 1));
    expect(complaint(plain, GENERATOR)).toContain('It fits {type: stylegan2-generator, size: 32}.');
  });

  test('are described as a whole where no part has a name in common', () => {
    const text = complaint(below('d', filled(create(JUDGE), 1)), GENERATOR);
    expect(text).toMatch(/w\.safetensors does not fit stylegan2-generator:\n[^]* unexpected \(\d+\): d\.\* \(\d+\)\n/);
    expect(text).toContain('It fits {type: stylegan2-discriminator, size: 32, channels: {4: 8,');
  });

  test('near which nothing is say so', () => {
    const strange: StateDict = new Map([['a.b', { shape: [2], values: new Float32Array(2) }]]);
    expect(complaint(strange, NAFNET)).toContain('No network here is near it.');
    expect(() => load(written(new Map()), NAFNET)).toThrow('holds no tensors');
  });

  test('that no option mends are reported with what differs least', () => {
    const odd: StateDict = new Map([...one, ['more', { shape: [2], values: new Float32Array(2) }]]);
    expect(complaint(odd, NAFNET)).toMatch(/unexpected \(1\): more\n {2}No change of its options brings it nearer/);
  });
});

test('numbers that are not finite are an error with the name of their tensor, where the network takes them', () => {
  const broken = filled(nafnet, 1);
  broken.get('intro.bias')!.values[1] = NaN;
  broken.get('ending.weight')!.values[0] = Infinity;
  expect(() => load(written(below('params', broken)), NAFNET)).toThrow(
    /w\.safetensors holds numbers that are not finite: NaN in "intro\.bias" \(1 of 4\) and others in 1 more tensor\./,
  );
  expect(load(written(below('params', broken), below('params_ema', two)), NAFNET)).toEqual(two);
});

test('a damaged file is reported as such', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'weights-')), 'w.pth');
  writeFileSync(file, 'nothing');
  expect(() => load(file, NAFNET)).toThrow(/w\.pth is not a PyTorch checkpoint/);
});
