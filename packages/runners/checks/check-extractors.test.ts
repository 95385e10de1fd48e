import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadExperiment } from '@dualprior/core';
import '../index.ts';
import { checkExtractors } from './check-extractors.ts';

function check(metric: string, loss: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'extractors-'));
  writeFileSync(
    join(folder, 'case.yaml'),
    [
      'degradations: {blur: {type: motion-blur, kernels: {type: camera-shake, count: 1}}}',
      'data: {train: {type: avatars, size: 32, limit: 2, degradation: blur}}',
      'networks: {network: {type: nafnet}}',
      `stages: {restore: {type: regression, network: network, data: train, iterations: 1, loss: ${loss}}}`,
      `metrics: {lpips: {type: lpips, features: {type: ${metric}}}}`,
    ].join('\n'),
  );
  checkExtractors(loadExperiment('case.yaml', { cwd: folder, env: {} }));
}

const sum = '{type: weighted-sum, terms: [{type: lpips, features: {type: mobilenet-v2-substitute}}]}';

test('a metric must not see with the extractor of a loss', () => {
  expect(() => check('mobilenet-v2-substitute', sum)).toThrow(
    /metrics.lpips sees with "mobilenet-v2-substitute", and so does a loss of stages.restore/,
  );
});

test('another extractor, or a loss without one, is right', () => {
  expect(() => check('inception-v3-substitute', sum)).not.toThrow();
  expect(() => check('mobilenet-v2-substitute', '{type: l1}')).not.toThrow();
});

test('what a stage is only measured with is no loss', () => {
  const folder = mkdtempSync(join(tmpdir(), 'extractors-'));
  writeFileSync(
    join(folder, 'case.yaml'),
    [
      'data: {train: {type: avatars, size: 16, limit: 8}}',
      'networks: {generator: {type: stylegan2-generator, size: 16}, discriminator: {type: stylegan2-discriminator, size: 16}}',
      'stages:',
      '  prior:',
      '    {type: gan, generator: generator, discriminator: discriminator, data: train, iterations: 1,',
      '    quality: {metric: {type: fid, features: {type: inception-v3-substitute}}}}',
      'metrics: {lpips: {type: lpips, features: {type: inception-v3-substitute}}}',
    ].join('\n'),
  );
  expect(() => checkExtractors(loadExperiment('case.yaml', { cwd: folder, env: {} }))).not.toThrow();
});
