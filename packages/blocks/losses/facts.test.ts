import { expect, test } from '@jest/globals';
import { catalogue, type ComponentSpec } from '@dualprior/core';
import './charbonnier.ts';
import './contextual.ts';
import './fusion-contextual.ts';
import './gan-hinge-discriminator.ts';
import './gan-least-squares-discriminator.ts';
import './gan-least-squares.ts';
import './gan-logistic.ts';
import './gan-nonsaturating.ts';
import './gan-wasserstein-discriminator.ts';
import './gan-wasserstein.ts';
import './identity.ts';
import './l1.ts';
import { losses, termsOf } from './loss.ts';
import './lpips.ts';
import './mse.ts';
import './perceptual.ts';
import './psnr.ts';
import './smooth-l1.ts';
import './total-variation.ts';
import './weighted-sum.ts';

const spec = (type: string, options: object = {}): ComponentSpec => ({ type, weight: 3, ...options }) as ComponentSpec;
const SPECIAL = ['fusion-contextual', 'identity', 'weighted-sum'];

test('what a loss says is its weight', () => {
  const types = catalogue.components('loss').map(({ declaration }) => declaration.type);
  expect(types).toHaveLength(19);
  const plain = types.filter((type) => !SPECIAL.includes(type));
  expect(plain.map((type) => [type, losses.about(spec(type))])).toEqual(plain.map((type) => [type, { weight: 3 }]));
});

test('of equation 4 also the weights inside it, by their symbols', () => {
  const loss = spec('fusion-contextual', { lambdaRegressed: 0.01, lambdaInverted: 0.05 });
  expect(losses.about(loss)).toEqual({ weight: 3, lambdas: { lambda_cxR: 0.01, lambda_cxG: 0.05 } });
});

test('of an identity loss also whether it is absent: without weights', () => {
  expect(losses.about(spec('identity'))).toEqual({ weight: 3, absent: true });
  expect(losses.about(spec('identity', { weights: 'face.pth' }))).toEqual({ weight: 3, absent: false });
});

test('of a sum its terms, those of a list or of a map', () => {
  const [l1, mse] = [spec('l1'), spec('mse')];
  const sum = (terms: object): ComponentSpec => ({ type: 'weighted-sum', terms }) as ComponentSpec;
  for (const terms of [[l1, mse], { near: l1, far: mse }]) {
    expect(losses.about(sum(terms))).toEqual({ weight: 1, terms: [l1, mse] });
    expect(termsOf(sum(terms))).toEqual([l1, mse]);
  }
  expect(termsOf(sum([sum([l1]), sum([mse, l1])]))).toEqual([l1, mse, l1]);
  expect(termsOf(l1)).toEqual([l1]);
  expect(catalogue.find('loss', 'weighted-sum')!.declaration.renamed).toEqual({
    weight: '"weight" of each of its terms',
  });
});
