import { expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import '../index.ts';
import { makeStage } from './testing/stage-harness.ts';

loadEngine();

const BY_PSNR = 'select={metric: psnr}';

test.each([
  ['restore', [], 'best'],
  ['restore', ['validation=null'], 'last'],
  ['fuse', [], 'best'],
  ['fuse', ['validation=null'], 'last'],
  ['invert', [], 'last'],
  ['invert', [BY_PSNR], 'best'],
  ['prior', [], 'last'],
  ['prior', ['quality={metric: {type: fid, features: {type: inception-v3-substitute}}, images: 4, every: 2}'], 'best'],
])('the stage %s with %j leaves the %s weights', (name, set, result) => {
  const { stage, networks } = makeStage('dual-prior-smoke.yaml', name, {
    set: set.map((value) => `stages.${name}.${value}`),
  });
  expect(stage.result).toBe(result);
  for (const { parameters } of networks.values()) parameters.dispose();
});
