import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { isRecognising, officialCodeOf, type Network, type Recognising } from '@dualprior/blocks';
import {
  catalogue,
  loadEngine,
  writeSafetensors,
  type Module,
  type SpecWithOptions,
  type StateDict,
} from '@dualprior/core';
import '../../index.ts';
import { NVLABS_DISCRIMINATOR, NVLABS_GENERATOR, nvlabsFolder } from '../../goldens/testing/nvlabs.ts';
import { recognise, recogniseAll } from './recognise.ts';
import { defaultsOf } from './words.ts';

const SIZE = { size: 32, channels: { 4: 12, 8: 10, 16: 6, 32: 2 }, narrow: 1 };
const STYLE = { styleWidth: 8, mappingLayers: 3 };

/** Options of each network in several forms. */
const VARIANTS: Readonly<Record<string, readonly object[]>> = {
  nafnet: [
    { width: 4, encoderBlocks: [1, 0, 2], middleBlocks: 3, decoderBlocks: [1, 2, 0] },
    { width: 6, encoderBlocks: [], middleBlocks: 1, decoderBlocks: [], imageChannels: 4 },
    { width: 2, encoderBlocks: [1], middleBlocks: 0, decoderBlocks: [0], depthwiseExpansion: 3, ffnExpansion: 5 },
  ],
  hinet: [
    { width: 4, depth: 3, hinPositionLeft: 1, hinPositionRight: 1 },
    { width: 4, depth: 4, hinPositionLeft: 0, hinPositionRight: -1, imageChannels: 1 },
    { width: 2, depth: 5, hinPositionLeft: 3, hinPositionRight: 4 },
  ],
  fusion: [
    { width: 4, blocks: 2, normalization: 'batch' },
    { width: 2, blocks: 1, normalization: 'instance', imageChannels: 1 },
    { width: 3, blocks: 0, normalization: 'none' },
  ],
  gfpgan: [
    { ...SIZE, ...STYLE, architecture: 'original' },
    { ...SIZE, ...STYLE, architecture: 'clean', sftHalf: false },
    { size: 64, channelMultiplier: 1, narrow: 0.0625, ...STYLE, differentW: false },
  ],
  gpen: [
    { ...SIZE, ...STYLE, isconcat: false },
    { size: 64, channelMultiplier: 1, maxChannels: 512, narrow: 0.0625, ...STYLE },
  ],
  'stylegan2-generator': [
    { size: 32, channels: SIZE.channels, ...STYLE },
    { size: 64, channelMultiplier: 0.03125, maxChannels: 24, ...STYLE },
  ],
  'stylegan2-discriminator': [
    { size: 32, channels: SIZE.channels, architecture: 'skip' },
    { size: 32, channels: SIZE.channels, architecture: 'orig' },
    { size: 16, channelMultiplier: 2, maxChannels: 8 },
  ],
  'facial-component-discriminator': [{ width: 4 }],
  'psp-encoder': [
    { width: 2, styles: 5, styleWidth: 8, mode: 'ir' },
    { width: 16, styles: 2, styleWidth: 4, mode: 'ir_se', imageChannels: 1 },
  ],
  'inversion-encoder': [
    { size: 512, resolution: 8, featureChannels: 6, latents: 3, styleWidth: 8, filterMin: 4, filterMax: 6 },
    { size: 512, inputSize: 16, resolution: 8, featureChannels: 6, latents: 1, styleWidth: 8, filterMin: 4 },
  ],
  'bdinvert-encoder': [
    { inputSize: 128, featureChannels: 3, filterMin: 2, filterMax: 4 },
    { inputSize: 64, featureChannels: 3, filterMin: 2, filterMax: 512 },
  ],
};

const folder = mkdtempSync(join(tmpdir(), 'recognise-'));
let count = 0;

function create({ type, ...options }: SpecWithOptions): Network {
  return new (catalogue.find('network', type)!.create)(options) as Network;
}

/** Whether options have these values. */
function holds(options: object, some: object): boolean {
  return Object.entries(some).every(([name, value]) =>
    isDeepStrictEqual(value, (options as Record<string, unknown>)[name]),
  );
}

/** All tensors of a network, full of zeros, below a name. */
function zeros(module: Module, prefix = ''): StateDict {
  const all = [...module.parameters(), ...module.buffers()];
  return new Map(all.map(([name, { shape, size }]) => [prefix + name, { shape, values: new Float32Array(size) }]));
}

function written(...parts: StateDict[]): string {
  const file = join(folder, `${count++}.safetensors`);
  writeSafetensors(file, new Map(parts.flatMap((part) => [...part])));
  return file;
}

const NAFNET = { type: 'nafnet', ...defaultsOf('nafnet'), ...VARIANTS['nafnet']![0] };
const DISCRIMINATOR = { type: 'facial-component-discriminator', width: 4 };

beforeAll(() => void loadEngine('cpu'));

describe('a file alone', () => {
  test('is enough for every network of the catalogue', () => {
    const own = catalogue.components('network').filter(({ create: each }) => isRecognising(each));
    expect(own.map(({ declaration }) => declaration.type).sort()).toEqual(Object.keys(VARIANTS).sort());
    expect(own).toHaveLength(catalogue.components('network').length);
  });

  test.each(Object.entries(VARIANTS).flatMap(([type, all]) => all.map((options) => [type, options] as const)))(
    'tells the options of %s %j',
    (type, options) => {
      const spec = { type, ...defaultsOf(type), ...options };
      const declared = Object.keys(catalogue.find('network', type)!.declaration.options.properties);
      const known = Object.fromEntries(Object.entries(spec).filter(([name]) => ['type', ...declared].includes(name)));
      const state = zeros(create(known as SpecWithOptions));
      expect(recognise({ file: written(state) }).spec).toEqual(known);
      const readings = (catalogue.find('network', type)!.create as unknown as Recognising).recognise(state);
      expect(readings.filter((reading) => holds(known, reading.options))).toHaveLength(1); // not only found near one of them
    },
  );

  test('the code that loads what it writes is named', () => {
    const named = catalogue
      .components('network')
      .map(({ declaration, create: each }) => [declaration.type, officialCodeOf(each)]);
    expect(Object.fromEntries(named)).toEqual({
      'bdinvert-encoder': 'https://github.com/kkang831/BDInvert_Release',
      'facial-component-discriminator': 'https://github.com/TencentARC/GFPGAN',
      fusion: undefined,
      gfpgan: 'https://github.com/TencentARC/GFPGAN',
      gpen: 'https://github.com/yangxy/GPEN',
      hinet: 'https://github.com/megvii-model/HINet',
      'inversion-encoder': undefined,
      nafnet: 'https://github.com/megvii-research/NAFNet',
      'psp-encoder': 'https://github.com/eladrich/pixel2style2pixel',
      'stylegan2-discriminator': 'https://github.com/rosinality/stylegan2-pytorch',
      'stylegan2-generator': 'https://github.com/rosinality/stylegan2-pytorch',
    });
  });

  test.each([
    ['nafnet', ['local']],
    ['hinet', ['reluSlope']],
    ['stylegan2-generator', ['mappingRate', 'convClamp']],
    ['inversion-encoder', ['size']],
    ['psp-encoder', []],
    ['gfpgan', ['inputIsLatent'], 2],
  ] as const)('does not tell all of %s: %j', (type, untold, variant: number = 0) => {
    const spec = { type, ...defaultsOf(type), ...VARIANTS[type]![variant] };
    expect(recognise({ file: written(zeros(create(spec))) }).untold).toEqual(untold);
  });

  test('may hold several networks, an average before what it is of', () => {
    const file = written(
      zeros(create(NAFNET), 'a.'),
      zeros(create(DISCRIMINATOR), 'd.'),
      zeros(create(NAFNET), 'a_ema.'),
    );
    expect(recogniseAll({ file }).map(({ spec, part }) => [spec.type, part.name])).toEqual([
      ['nafnet', 'a_ema'],
      ['nafnet', 'a'],
      ['facial-component-discriminator', 'd'],
    ]);
    expect(() => recognise({ file })).toThrow(/holds several networks\. .*\n.*part: a_ema}: nafnet\n/);
    expect(recognise({ file, part: 'd' }).spec).toEqual(DISCRIMINATOR);
  });

  test('is of the whole network, not of the one in it', () => {
    const spec = { type: 'gfpgan', ...defaultsOf('gfpgan'), ...VARIANTS['gfpgan']![0] };
    const found = recogniseAll({ file: written(zeros(create(spec as SpecWithOptions), 'params.')) });
    expect(found.map(({ spec: { type } }) => type)).toEqual(['gfpgan']);
  });

  test('that says more than shapes is believed', () => {
    const file = join(nvlabsFolder(), 'small.pkl');
    const [generator, discriminator] = recogniseAll({ file });
    // Of several ways to say the same channels, the shortest.
    const rule = { channels: undefined, channelMultiplier: 2 ** -9, maxChannels: 4 };
    expect(generator).toEqual(expect.objectContaining({ spec: { ...NVLABS_GENERATOR, ...rule }, untold: [] }));
    expect(discriminator).toEqual(expect.objectContaining({ spec: { ...NVLABS_DISCRIMINATOR, ...rule }, untold: [] }));
  });

  test.each([
    [
      'stages without end',
      (i: number) => [`model.${10 * i}.weight`, `model.${10 * i + 3}.weight`, `model.${10 * i + 6}.weight`],
    ],
    ['levels without end', (i: number) => ['intro.weight', 'ending.weight', `downs.${i}.weight`]],
    ['a U-Net without end', (i: number) => ['conv_01.weight', 'sam12.conv1.weight', `down_path_1.${i}.conv_1.weight`]],
  ])('that claims %s takes no time and no memory', (_, names) => {
    const all = Array.from({ length: 400 }, (_each, i) => names(i)).flat();
    const state: StateDict = new Map(all.map((name) => [name, { shape: [1, 1], values: new Float32Array(1) }]));
    const before = process.cpuUsage();
    expect(() => recognise({ file: written(state) })).toThrow(/holds no network that is known here/);
    expect(process.cpuUsage(before).user).toBeLessThan(10e6); // microseconds
  });

  test('of no network that is known is an error with the nearest', () => {
    const state = zeros(create(NAFNET));
    const other = new Map([...state].filter(([name]) => name !== 'ending.bias'));
    expect(() => recognise({ file: written(other) })).toThrow(
      /holds no network that is known here\. The nearest is \{type: nafnet, width: 4, .* from which 1 names or shapes/,
    );
    const strange = new Map([['w', { shape: [2], values: new Float32Array(2) }]]);
    expect(() => recognise({ file: written(strange) })).toThrow(/No network here is near it\./);
  });
});
