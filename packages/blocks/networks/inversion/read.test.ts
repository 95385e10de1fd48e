import { expect, test } from '@jest/globals';
import type { StateDict, StateTensor } from '@dualprior/core';
import { readBdInvertEncoder, readInversionEncoder } from './read.ts';

const convolution = (outputs: number, inputs: number): StateTensor => ({
  shape: [outputs, inputs, 3, 3],
  values: new Float32Array(),
});

/** Convolutions of a trunk of two stages of 4 and 8 channels, each of three, and of the two that end it, in features of 6 (BDInvert_Release:models/stylegan_basecode_encoder.py). */
const TRUNK: readonly (readonly [string, StateTensor])[] = [
  ['model.0.weight', convolution(4, 3)],
  ['model.3.weight', convolution(4, 4)],
  ['model.6.weight', convolution(4, 4)],
  ['model.10.weight', convolution(8, 4)],
  ['model.13.weight', convolution(8, 8)],
  ['model.16.weight', convolution(8, 8)],
  ['model.20.weight', convolution(8, 8)],
  ['model.23.weight', convolution(6, 8)],
];

test('a trunk is read with the width of its first stage, its features, and images as large as its stages say', () => {
  expect(readBdInvertEncoder(new Map(TRUNK))).toEqual([
    { options: { featureChannels: 6, filterMin: 4, filterMax: 512, inputSize: 64 }, untold: ['resolution'] },
  ]);
});

test('a trunk of stages that are not twice as wide has that many channels at most', () => {
  const capped = TRUNK.map(
    ([name, tensor]) => [name, name === 'model.10.weight' ? convolution(6, 4) : tensor] as const,
  );
  expect(readBdInvertEncoder(new Map(capped))[0]!.options).toMatchObject({ filterMin: 4, filterMax: 6 });
});

test.each([
  ['its end', (name: string) => name !== 'model.23.weight'],
  ['its first stage', (name: string) => name !== 'model.0.weight'],
  ['everything', () => false],
])('a trunk without %s is none', (_, isThere) => {
  const state: StateDict = new Map(TRUNK.filter(([name]) => isThere(name)));
  expect(readBdInvertEncoder(state)).toEqual([]);
  expect(readInversionEncoder(new Map([...state].map(([name, tensor]) => [`trunk.${name}`, tensor])))).toEqual([]);
});
