import { lstatSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { loadExperiment } from '@dualprior/core';
import '../index.ts';
import { Store } from './store.ts';
import { plan } from '../experiment/plan.ts';
import { StoredStages } from './stored-stages.ts';

/** The hashes of dual-prior-smoke.yaml in the version before, in which a `gan` depended on the degradation of its data. */
const FORMER = {
  restore: '7a7afad7ba19c707',
  prior: 'be3b7b091cad4554',
  invert: '7f078643f7181852',
  fuse: 'b80cade2f1ef457c',
};

const load = (...set: string[]) =>
  loadExperiment(resolve(import.meta.dirname, '../../../experiments/dual-prior-smoke.yaml'), { set });

let store: Store;

beforeEach(() => {
  store = new Store(realpathSync(mkdtempSync(join(tmpdir(), 'store-'))));
});

const actions = (...set: string[]) =>
  Object.fromEntries(plan(new StoredStages(load(...set), store)).map(({ name, action }) => [name, action]));
const all = (action: string) => ({ restore: action, prior: action, invert: action, fuse: action });

function trainedBefore(): void {
  for (const hash of Object.values(FORMER)) store.open(hash).update({ complete: true });
}

test('a stage that an older version has trained is reused, and so is what depends on it', () => {
  trainedBefore();
  expect(actions()).toEqual(all('reuse'));
  const [prior] = plan(new StoredStages(load(), store)).filter(({ name }) => name === 'prior');
  expect(prior).toMatchObject({ hash: FORMER.prior, folder: { path: join(store.root, FORMER.prior) } });
});

test('once used, it is found by both hashes, so another blur leaves it as it is', () => {
  trainedBefore();
  const blur = ['degradations.blur.kernels.count=30', 'data.train.degradation=blur'];
  expect(actions(...blur)).toEqual(all('train'));
  const stored = new StoredStages(load(), store);
  for (const name of Object.keys(FORMER)) stored.open(name);
  expect(actions(...blur)).toEqual({ ...all('train'), prior: 'reuse' });
  expect(stored.open('prior').path).toBe(join(store.root, FORMER.prior));
  expect(lstatSync(join(store.root, load().identity('stages', 'prior'))).isSymbolicLink()).toBe(true);
});

test('a half-trained one is continued from', () => {
  store.open(FORMER.prior);
  writeFileSync(join(store.root, FORMER.prior, 'started'), '');
  expect(new StoredStages(load(), store).open('prior').path).toBe(join(store.root, FORMER.prior));
});

test('one that was removed is trained again', () => {
  trainedBefore();
  const stored = new StoredStages(load(), store);
  stored.open('prior');
  rmSync(join(store.root, FORMER.prior), { recursive: true });
  expect(actions()).toMatchObject({ prior: 'train' });
  const again = stored.open('prior');
  expect(again.record.complete).toBe(false);
  expect(again.path).toBe(join(store.root, load().identity('stages', 'prior')));
});

test('of a data set a `gan` reads the sharp images alone, all others read all of it', () => {
  const identities = (...set: string[]) => {
    const experiment = load(...set);
    return Object.fromEntries(Object.keys(FORMER).map((name) => [name, experiment.identity('stages', name)]));
  };
  const now = identities();
  const changed = (...set: string[]) => {
    const other = identities(...set);
    return Object.keys(FORMER).filter((name) => other[name] !== now[name]);
  };
  expect(changed('degradations.blur.kernels.count=30')).toEqual(['restore', 'invert', 'fuse']);
  expect(changed('data.train.limit=31')).toEqual(Object.keys(FORMER));
  expect(changed('data.train.size=32')).toEqual(Object.keys(FORMER));
  // Drawn faces follow from the seed.
  expect(changed('data.train.seed=3')).toEqual(Object.keys(FORMER));
  const through = (...set: string[]) =>
    identities('data.twice={type: repeated, of: train, times: 2}', 'stages.prior.data=twice', ...set);
  expect(through('degradations.blur.kernels.count=30')['prior']).toBe(through()['prior']);
  expect(through('data.twice.times=3')['prior']).not.toBe(through()['prior']);
});

test('the sharp images of a folder depend on the seed only where some are held out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'images-'));
  writeFileSync(join(folder, 'a.png'), 'never read');
  const sharp = (...set: string[]) =>
    load(`data.faces={type: image-folder, root: ${folder}}`, ...set).identityOfPart('data', 'faces', 'sharp');
  const plain = sharp();
  expect(sharp('data.faces.degradation=blur', 'data.faces.seed=7')).toBe(plain);
  expect(sharp('data.faces.holdOut=1', 'data.faces.seed=7')).not.toBe(sharp('data.faces.holdOut=1'));
  expect(sharp('data.faces.size=32')).not.toBe(plain);
  // If nothing is left out, it is the identity of all of it.
  expect(load(`data.faces={type: image-folder, root: ${folder}}`).identity('data', 'faces')).toBe(plain);
});
