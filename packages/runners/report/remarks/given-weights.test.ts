import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadExperiment } from '@dualprior/core';
import '../../index.ts';
import { givenWeights } from './given-weights.ts';

const quickstart = resolve(import.meta.dirname, '../../../../experiments/quickstart.yaml');

function named(...set: string[]): string[] {
  const [line = ''] = givenWeights(loadExperiment(quickstart, { set }));
  return [...line.matchAll(/([\w-]+) \(avatars-prior-64\.safetensors, its part \w+\)/g)].map(([, name]) => name!);
}

test('networks that begin with the weights of a file are named', () => {
  expect(named()).toEqual(['generator', 'discriminator', 'gpenDiscriminator']);
});

test('only those that some row depends on', () => {
  expect(named('methods.GPEN=null')).toEqual(['generator', 'discriminator']);
  expect(named('methods.GPEN=null', 'methods.GFP-GAN=null', 'methods.Ours=null')).toEqual([]);
});
