import { describe, expect, test } from '@jest/globals';
import { catalogue } from '@dualprior/core';
import './avatars.ts';
import './celeba-hq.ts';
import { datasets, SHARP } from './dataset.ts';
import './degraded-folder.ts';
import './ffhq.ts';
import './held-out.ts';
import './image-folder.ts';
import './paired-folder.ts';
import './repeated.ts';

const common = { limit: 9, holdOut: 2, seed: 3, degradation: 'blur' };
const folder = { root: '/images', size: 32, ...common };

describe('what the options of a data set say, before a file is looked for', () => {
  test.each([
    [
      { type: 'avatars', size: 32, ...common },
      { files: [], source: { seed: 3 }, size: 32, ...common },
    ],
    [
      { type: 'image-folder', ...folder },
      { files: ['/images'], source: { root: '/images' }, size: 32, ...common },
    ],
    [
      { type: 'image-folder', ...folder, list: '/list' },
      { files: ['/images', '/list'], source: { root: '/images', list: '/list' }, size: 32, ...common },
    ],
    [
      { type: 'ffhq', ...folder, split: 'training' },
      { files: ['/images'], source: { root: '/images' }, split: 'training', size: 32, ...common },
    ],
    [
      { type: 'ffhq', ...folder, split: 'all' },
      { files: ['/images'], source: { root: '/images' }, size: 32, ...common },
    ],
    [
      { type: 'celeba-hq', ...folder, split: 'test', test: 'first' },
      { files: ['/images'], source: { root: '/images', test: 'first' }, split: 'test', size: 32, ...common },
    ],
    [
      { type: 'celeba-hq', ...folder, split: 'all', list: '/list' },
      { files: ['/images', '/list'], source: { root: '/images', list: '/list' }, size: 32, ...common },
    ],
    [
      { type: 'paired-folder', sharp: '/sharp', degraded: '/blurred', size: 32, limit: 9, holdOut: 2, seed: 3 },
      {
        ...{ files: ['/sharp', '/blurred'], source: { sharp: '/sharp', degraded: '/blurred' }, has: 'pairs' },
        ...{ size: 32, limit: 9, holdOut: 2, seed: 3 },
      },
    ],
    [
      { type: 'paired-folder', sharp: '/sharp', degraded: '/blurred', list: '/list', holdOut: 0, seed: 3 },
      {
        files: ['/sharp', '/blurred', '/list'],
        source: { sharp: '/sharp', degraded: '/blurred', list: '/list' },
        ...{ has: 'pairs', holdOut: 0, seed: 3 },
      },
    ],
    [
      { type: 'degraded-folder', root: '/photos', list: '/list', size: 32, limit: 9 },
      {
        ...{ files: ['/photos', '/list'], source: { root: '/photos', list: '/list' }, has: 'degraded' },
        ...{ size: 32, limit: 9, holdOut: 0, seed: 0 },
      },
    ],
    [
      { type: 'held-out', of: 'train' },
      { of: 'train', heldOut: true },
    ],
    [
      { type: 'repeated', of: 'train', times: 2 },
      { of: 'train', heldOut: false },
    ],
  ])('%j', (spec, facts) => {
    expect(datasets.about(spec)).toEqual(facts);
  });
});

describe('what a stage reads that looks at no degraded image', () => {
  const part = (type: string, name: string, options: object): unknown =>
    catalogue.find('dataset', type)!.declaration.part!(name, options as never);

  test.each(['image-folder', 'ffhq', 'celeba-hq', 'paired-folder'])(
    'of %s depends on the seed where images are held out',
    (type) => {
      const { degradation: _, ...sharp } = folder;
      expect(part(type, SHARP, folder)).toEqual(sharp);
      expect(part(type, SHARP, { ...folder, holdOut: 0 })).toEqual({ ...sharp, holdOut: 0, seed: 0 });
      expect(part(type, 'all', folder)).toEqual(folder);
    },
  );

  test('of avatars always depends on the seed, which draws them', () => {
    const { degradation: _, ...sharp } = common;
    expect(part('avatars', SHARP, { ...common, holdOut: 0 })).toEqual({ ...sharp, holdOut: 0 });
    expect(part('avatars', 'all', common)).toEqual(common);
  });
});
