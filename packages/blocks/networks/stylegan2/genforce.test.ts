import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine, Parameters, type StateTensor } from '@dualprior/core';
import { StyleGan2Generator } from '../stylegan2-generator.ts';
import { fromGenforce, gradientForGenforce } from './genforce.ts';

beforeAll(() => void loadEngine('cpu'));

/** Its values are 0, 1, 2, ... */
function counting(shape: readonly number[]): StateTensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, values: Float32Array.from({ length: size }, (_, i) => i) };
}

const layer = (i: number, side: number, inputs: number): [string, number[]][] => [
  [`synthesis.layer${i}.weight`, [4, inputs, 3, 3]],
  [`synthesis.layer${i}.bias`, [4]],
  [`synthesis.layer${i}.noise_strength`, []],
  [`synthesis.layer${i}.noise`, [1, 1, side, side]],
  [`synthesis.layer${i}.style.weight`, [inputs, 6]],
  [`synthesis.layer${i}.style.bias`, [inputs]],
];
const output = (i: number): [string, number[]][] => [
  [`synthesis.output${i}.weight`, [3, 4, 1, 1]],
  [`synthesis.output${i}.bias`, [3]],
  [`synthesis.output${i}.style.weight`, [4, 6]],
  [`synthesis.output${i}.style.bias`, [4]],
];

/** The state dict of genforce:models/stylegan2_generator.py at 16x16, with 4 channels. */
const OFFICIAL = new Map<string, StateTensor>(
  (
    [
      ['mapping.dense0.weight', [6, 6]],
      ['mapping.dense0.bias', [6]],
      ['mapping.dense1.weight', [6, 6]],
      ['mapping.dense1.bias', [6]],
      ['truncation.w_avg', [6]],
      ['synthesis.early_layer.const', [1, 4, 4, 4]],
      ['synthesis.upsample.kernel', [1, 1, 4, 4]],
      ...layer(0, 4, 4),
      ...layer(1, 8, 4),
      ['synthesis.layer1.filter.kernel', [1, 1, 4, 4]],
      ...layer(2, 8, 4),
      ...layer(3, 16, 4),
      ['synthesis.layer3.filter.kernel', [1, 1, 4, 4]],
      ...layer(4, 16, 4),
      ...[0, 1, 2].flatMap(output),
    ] as [string, number[]][]
  ).map(([name, shape]) => [name, counting(shape)]),
);

test('a state dict of genforce has the names and shapes of the generator', () => {
  const network = new StyleGan2Generator({
    ...{ size: 16, channels: { 4: 4, 8: 4, 16: 4 }, styleWidth: 6, mappingLayers: 2, mappingRate: 0.01 },
    ...{ channelMultiplier: 2, maxChannels: 512 },
  });
  const state = fromGenforce(OFFICIAL)!;
  const parameters = new Parameters(network, state); // refuses other shapes
  expect([...state.keys()].sort()).toEqual([...parameters.stateDict().keys()].sort());
  parameters.dispose();
});

test('each tensor goes where its official name says', () => {
  const state = fromGenforce(OFFICIAL)!;
  const plain: [theirs: string, ours: string][] = [
    ['mapping.dense0.weight', 'style.1.weight'],
    ['mapping.dense1.bias', 'style.2.bias'],
    ['truncation.w_avg', 'latent_avg'],
    ['synthesis.early_layer.const', 'input.input'],
    ['synthesis.layer0.weight', 'conv1.conv.weight'],
    ['synthesis.layer2.weight', 'convs.1.conv.weight'],
    ['synthesis.layer0.bias', 'conv1.activate.bias'],
    ['synthesis.layer1.noise', 'noises.noise_1'],
    ['synthesis.layer2.noise_strength', 'convs.1.noise.weight'],
    ['synthesis.layer1.style.weight', 'convs.0.conv.modulation.weight'],
    ['synthesis.output0.weight', 'to_rgb1.conv.weight'],
    ['synthesis.output1.weight', 'to_rgbs.0.conv.weight'],
    ['synthesis.output1.bias', 'to_rgbs.0.bias'],
    ['synthesis.output0.style.weight', 'to_rgb1.conv.modulation.weight'],
    ['synthesis.upsample.kernel', 'to_rgbs.0.upsample.kernel'],
    ['synthesis.upsample.kernel', 'to_rgbs.1.upsample.kernel'],
    ['synthesis.layer1.filter.kernel', 'convs.0.conv.blur.kernel'],
  ];
  for (const [theirs, ours] of plain)
    expect([ours, state.get(ours)!.values]).toEqual([ours, OFFICIAL.get(theirs)!.values]);
});

test('kernels of convolutions that double are turned, and styles begin at 1', () => {
  const state = fromGenforce(OFFICIAL)!;
  const turned = state.get('convs.0.conv.weight')!;
  expect(turned.shape).toEqual([1, 4, 4, 3, 3]);
  expect([...turned.values.slice(0, 12)]).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0, 17, 16, 15]);
  expect([...state.get('convs.0.conv.modulation.bias')!.values]).toEqual([1, 2, 3, 4]);
  expect([...state.get('to_rgbs.0.conv.modulation.bias')!.values]).toEqual([1, 2, 3, 4]);
});

test('another state dict is not read, and a name that only contains one of theirs stays as it is', () => {
  expect(fromGenforce(new Map([['style.1.weight', counting([6, 6])]]))).toBeUndefined();
  const others = [...OFFICIAL].flatMap(([name, tensor]) => [
    [`copy.${name}`, tensor] as const,
    [`${name}.copy`, tensor] as const,
  ]);
  const state = fromGenforce(new Map([...OFFICIAL, ...others]))!;
  for (const [name, tensor] of others) expect([name, state.get(name)]).toEqual([name, tensor]);
});

test('a gradient in our layout is that of a parameter of genforce', () => {
  const gradient = new Map([
    ['convs.0.conv.weight', counting([1, 1, 1, 3, 3])],
    ['conv1.activate.bias', counting([4])],
  ]);
  const values = (name: string, shape: number[]) => gradientForGenforce(gradient, name, shape);
  expect(values('synthesis.layer1.weight', [1, 1, 3, 3])).toEqual({
    shape: [1, 1, 3, 3],
    values: Float32Array.of(8, 7, 6, 5, 4, 3, 2, 1, 0),
  });
  expect(values('synthesis.layer0.bias', [4])).toEqual({ shape: [4], values: Float32Array.of(0, 1, 2, 3) });
  expect([values('synthesis.layer2.bias', [4]), values('other', [4])]).toEqual([undefined, undefined]);
});
