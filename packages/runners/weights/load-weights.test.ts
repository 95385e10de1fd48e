import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Network } from '@dualprior/blocks';
import {
  catalogue,
  UserError,
  writeSafetensors,
  type ComponentSpec,
  type Module,
  type StateDict,
} from '@dualprior/core';
import '../index.ts';
import { loadWeights } from './load-weights.ts';

function create({ type, ...options }: ComponentSpec): Network {
  return new (catalogue.find('network', type)!.create)(options) as Network;
}

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

function load(file: string, spec: ComponentSpec): StateDict {
  return loadWeights(file, create(spec), spec, create);
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

describe('weights of another architecture', () => {
  function mistake(state: StateDict, spec: ComponentSpec): UserError {
    try {
      load(written(state), spec);
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    }
    throw new Error('It fits.');
  }

  const complaint = (state: StateDict, spec: ComponentSpec) => mistake(state, spec).message;

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

  test('that no option mends are told with what differs least', () => {
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

test('a file that is damaged is told as that', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'weights-')), 'w.pth');
  writeFileSync(file, 'nothing');
  expect(() => load(file, NAFNET)).toThrow(/w\.pth is not a PyTorch checkpoint/);
});
