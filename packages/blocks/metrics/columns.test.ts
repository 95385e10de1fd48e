import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { AlexNetFeatures } from '../features/alexnet.ts';
import { MobileNetV2Substitute } from '../features/mobilenet-v2-substitute.ts';
import { Vgg16Features } from '../features/vgg16.ts';
import { BrisqueMetric } from './brisque.ts';
import { DistsMetric } from './dists.ts';
import { FidInfinityMetric } from './fid-infinity.ts';
import { FidMetric } from './fid.ts';
import { KidMetric } from './kid.ts';
import { LpipsMetric } from './lpips.ts';
import { MusiqMetric } from './musiq.ts';
import { PsnrMetric } from './psnr.ts';
import { SsimMetric } from './ssim.ts';
import { drawnExtractor } from './testing/drawn-extractor.ts';

const weights = join(mkdtempSync(join(tmpdir(), 'columns-')), 'weights.pth');
writeFileSync(weights, '');

test.each([
  ['psnr ↑ 2', new PsnrMetric({ channel: 'rgb', cropBorder: 0 })],
  ['psnr_y ↑ 2', new PsnrMetric({ channel: 'y', cropBorder: 4 })],
  ['ssim ↑ 4', new SsimMetric({ channel: 'rgb', cropBorder: 0 })],
  ['ssim_y ↑ 4', new SsimMetric({ channel: 'y', cropBorder: 0 })],
  ['ssim_3d ↑ 4', new SsimMetric({ channel: 'rgb', cropBorder: 0, variant: 'three-dimensional' })],
  ['lpips ↓ 4', new LpipsMetric({ features: new AlexNetFeatures({ weights }), heads: weights })],
  ['lpips_vgg16 ↓ 4', new LpipsMetric({ features: new Vgg16Features({ weights }), heads: weights })],
  ['lpips_substitute ↓ 4', new LpipsMetric({ features: new MobileNetV2Substitute({}) })],
  ['fid ↓ 2, fid_3 ↓ 2', new FidMetric({ features: drawnExtractor() })],
  ['fid_clean ↓ 2, fid_3_clean ↓ 2', new FidMetric({ features: drawnExtractor(), protocol: 'clean-fid' })],
  ['fid_infinity ↓ 2, fid_3_infinity ↓ 2', new FidInfinityMetric({ features: drawnExtractor() })],
  ['brisque ↓ 2', new BrisqueMetric({ model: weights, ranges: weights })],
  ['musiq ↑ 2', new MusiqMetric({ scores: 'koniq10k', weights })],
  ['musiq_ava ↑ 2', new MusiqMetric({ scores: 'ava', weights })],
  ['dists ↓ 4', new DistsMetric({ trunk: weights, weights })],
  ['kid ↓ 5', new KidMetric({ features: drawnExtractor(), estimator: 'unbiased' })],
])('%s: what a column is called, which way is better, and its digits', (expected, { columns }) => {
  const arrows = { higher: '↑', lower: '↓' };
  expect(columns.map(({ name, better, digits }) => `${name} ${arrows[better]} ${digits}`).join(', ')).toBe(expected);
});
