import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadExperiment, withOptions } from '@dualprior/core';
import '@dualprior/blocks';
import '../components.generated.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const files = readdirSync(join(root, 'datasets')).filter((name) => name.endsWith('.yaml'));

function extended(...datasets: string[]) {
  const file = join(mkdtempSync(join(tmpdir(), 'datasets-')), 'experiment.yaml');
  const bases = [join(root, 'experiments', 'smoke.yaml'), ...datasets.map((name) => join(root, 'datasets', name))];
  writeFileSync(file, `extends: ${JSON.stringify(bases)}\nname: extended\n`);
  return loadExperiment(file, { env: { FFHQ_ROOT: '/photos/ffhq' } });
}

test.each(files)('%s can be put into an experiment', (name) => {
  expect(() => extended(name)).not.toThrow();
});

test('FFHQ and CelebA-HQ replace all images, from folders that variables name, with kernels of their own', () => {
  const data = extended('ffhq.yaml', 'celeba-hq.yaml').entries('data');
  expect(data.get('train')).toMatchObject({ type: 'ffhq', root: '/photos/ffhq', size: 512, holdOut: 200 });
  expect(data.get('test')).toMatchObject({ type: 'celeba-hq', root: join(root, 'data', 'celeba-hq'), split: 'test' });
  expect(data.get('validation')).toMatchObject({ type: 'held-out', of: 'train' });
  const [test, train] = ['test', 'train'].map((name) => withOptions(data.get(name)!));
  expect(test!['seed']).not.toBe(train!['seed']);
});
