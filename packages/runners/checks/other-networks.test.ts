import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadExperiment } from '@dualprior/core';
import '../index.ts';
import { otherNetworks } from './other-networks.ts';

const SMOKE = resolve(import.meta.dirname, '../../../experiments/dual-prior-smoke.yaml');
const HINET = [
  'networks.hinet={type: hinet, width: 4, depth: 2}',
  'stages.hinet={type: regression, network: hinet, data: train, iterations: 4}',
];
/** What each stage of the file trains, as its comments say. */
const TRAINED = {
  restore: ['regressor'],
  hinet: ['hinet'],
  invert: ['encoder', 'prior.generator', 'prior.discriminator'],
  fuse: ['fusion'],
};

const found = (...set: string[]) =>
  otherNetworks(
    loadExperiment(SMOKE, { set }),
    (stage) => new Set(Object.entries(TRAINED).flatMap(([name, networks]) => (name === stage ? networks : []))),
  );

test('methods have the networks of their stages, or those that these trained', () => {
  expect(found()).toEqual([]);
});

test('a stage whose network is another one, but not that of the method, is reported once for each role', () => {
  const set = [...HINET, 'stages.invert.regressor=hinet.hinet', 'stages.fuse.regressor=hinet.hinet'];
  expect(found(...set, 'methods.Inverted.regressor=hinet.hinet')).toEqual([
    expect.stringMatching(
      /^methods\.Ours\.regressor is restore\.regressor, but the stage \w+ was trained with hinet\.hinet\.$/,
    ),
  ]);
});
