import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadExperiment, withOptions } from '@dualprior/core';
import '../../index.ts';
import { remarksOn } from './remarks.ts';

const experiments = resolve(import.meta.dirname, '../../../../experiments');

function remarks(file: string, ...set: string[]): string[] {
  const experiment = loadExperiment(resolve(experiments, file), { set, env: { FACES_ROOT: '/photos' } });
  return remarksOn(experiment).filter((line) => line.includes('validation'));
}

test('a prior that was trained on what later stages are validated on is reported', () => {
  expect(remarks('ours-64.yaml')).toEqual([
    'Stage prior was trained on validation images of invert, fuse, which depend on it: validation PSNR is of faces that were seen before (the table is not).',
  ]);
  expect(remarks('ours-64.yaml', 'stages.fuse.validation=null')).toEqual([
    expect.stringMatching(/^Stage prior was trained on validation images of invert, which depends on it/),
  ]);
});

test('one that was trained on other images is no matter', () => {
  expect(remarks('ours-64.yaml', 'stages.prior.data=train')).toEqual([]);
  expect(remarks('ours-64.yaml', 'data.faces.root=/others')).toEqual([]);
  expect(remarks('dual-prior-smoke.yaml')).toEqual([]);
});

test('all photographs come from one variable', () => {
  for (const file of ['faces-64.yaml', 'prior-64.yaml', 'ours-64.yaml', 'old-photo-64.yaml', 'table1-64.yaml']) {
    const { data } = loadExperiment(resolve(experiments, file), { set: [], env: { FACES_ROOT: '/photos' } }).config;
    const roots = Object.values(data).flatMap((spec) => withOptions(spec)['root'] ?? []);
    expect({ file, outside: roots.filter((root) => !String(root).startsWith('/photos/')) }).toEqual({
      file,
      outside: [],
    });
    expect(roots).toContain('/photos/train');
  }
});
