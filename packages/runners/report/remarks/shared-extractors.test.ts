import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadExperiment } from '@dualprior/core';
import '../../index.ts';
import { sharedExtractors } from './shared-extractors.ts';

function remarks(metric: string, stage: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'extractors-'));
  writeFileSync(
    join(folder, 'case.yaml'),
    [
      'degradations: {blur: {type: motion-blur, kernels: {type: camera-shake, count: 1}}}',
      'data: {train: {type: avatars, size: 32, limit: 8, degradation: blur}}',
      'evaluation: {data: train}',
      'networks: {network: {type: nafnet}, other: {type: nafnet}, generator: {type: stylegan2-generator, size: 32}, discriminator: {type: stylegan2-discriminator, size: 32}}',
      `stages: {plain: {type: regression, network: other, data: train, iterations: 1}, ${stage}}`,
      'methods: {Plain: {type: regression, network: plain.other}, Other: {type: regression, network: other}}',
      `metrics: {lpips: {type: lpips, features: {type: ${metric}}}}`,
    ].join('\n'),
  );
  return sharedExtractors(
    loadExperiment('case.yaml', {
      cwd: folder,
      env: {},
      set: ['methods.Ours={type: regression, network: restore.network}'],
    }),
  );
}

const restore = (loss: string) =>
  `restore: {type: regression, network: network, data: train, iterations: 1, loss: ${loss}}`;
const sum = '{type: weighted-sum, terms: [{type: lpips, features: {type: mobilenet-v2-substitute}}]}';

test('a metric with the feature extractor of a loss favours the methods that depend on its stage, and no other', () => {
  expect(remarks('mobilenet-v2-substitute', restore(sum))).toEqual([
    'The metric lpips and losses of restore use the same feature extractor, mobilenet-v2-substitute: it favours Ours.',
  ]);
});

test('another feature extractor, or a loss without one, needs no remark', () => {
  expect(remarks('inception-v3-substitute', restore(sum))).toEqual([]);
  expect(remarks('mobilenet-v2-substitute', restore('{type: l1}'))).toEqual([]);
});

test('what a stage is only measured with is no loss', () => {
  const gan =
    'prior: {type: gan, generator: generator, discriminator: discriminator, data: train, iterations: 1, ' +
    'quality: {metric: {type: fid, features: {type: inception-v3-substitute}}}}';
  expect(remarks('inception-v3-substitute', `${restore('{type: l1}')}, ${gan}`)).toEqual([]);
});
