import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { catalogue, describeComponents, standInForMissingFiles, weightsOnDisk } from '@dualprior/core';
import '../components.generated.ts';
import { losses, type Loss } from '../losses/loss.ts';
import { features, type FeatureExtractor } from './feature-extractor.ts';

beforeAll(() => standInForMissingFiles(() => {}));
afterAll(() => standInForMissingFiles(undefined));

const options = { weights: '/none.pth', architecture: 'resnet18' };

test.each(catalogue.components('features').map(({ declaration, create }) => [declaration.type, create] as const))(
  '%s says the same before it is made and after',
  (type, create) => {
    const { substitute } = new create(options) as FeatureExtractor;
    expect(features.about({ type })).toEqual({ substitute });
    expect(substitute).toBe(type.endsWith('-substitute'));
  },
);

test.each([{}, options])('so does the identity loss with %j', (given) => {
  const spec = { type: 'identity', architecture: 'resnet18', weight: 10, ...given };
  const { absent } = new (catalogue.find('loss', 'identity')!.create)(spec, weightsOnDisk) as Loss;
  expect(losses.about(spec)).toEqual({ weight: 10, absent: absent !== undefined });
});

test('users read "feature extractor", whatever the key', () => {
  const option = describeComponents('fid').flatMap(({ options }) => options.filter(({ name }) => name === 'features'));
  expect(option).toMatchObject([
    { type: 'a feature extractor', description: expect.stringMatching(/^the feature extractor/) },
  ]);
});
