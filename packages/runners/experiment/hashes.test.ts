import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadExperiment } from '@dualprior/core';
import '../index.ts';

/**
 * Of each experiment and its stages, as the versions before had them: what they trained is used as it is. The hash of an experiment, which names its run
 * directory, is left out where the place of the checkout counts, as it does for files that the experiment names.
 */
const HASHES = JSON.parse(readFileSync(new URL('./hashes.json', import.meta.url), 'utf8')) as Record<
  string,
  Readonly<Record<string, string>>
>;

const load = (name: string, ...set: string[]) =>
  loadExperiment(resolve(import.meta.dirname, '../../../experiments', `${name}.yaml`), { set });

test.each(Object.entries(HASHES))('%s has the hashes that it always had', (name, hashes) => {
  const experiment = load(name);
  const hashOf = (key: string) => (key === 'experiment' ? experiment.hash : experiment.identity('stages', key));
  expect(Object.fromEntries(Object.keys(hashes).map((key) => [key, hashOf(key)]))).toEqual(hashes);
});

/** The hashes of gan-smoke.yaml when an option `adversarial` named the loss of both networks. */
const ADVERSARIAL = [
  ['hinge', 'gan-wasserstein', 'gan-hinge-discriminator', '1a8f26386d6440c0'],
  ['lsgan', 'gan-least-squares', 'gan-least-squares-discriminator', '3489b394cfce3891'],
  ['wgan', 'gan-wasserstein', 'gan-wasserstein-discriminator', 'ad3c7ace7116f6e0'],
] as const;

test.each(ADVERSARIAL)('so has a GAN with the losses that were called %s', (_, loss, discriminatorLoss, hash) => {
  const set = [`stages.prior.loss.type=${loss}`, `stages.prior.discriminatorLoss.type=${discriminatorLoss}`];
  expect(load('gan-smoke', ...set).identity('stages', 'prior')).toBe(hash);
});

test('losses that no name stood for have hashes of their own', () => {
  const sets = [
    [],
    ['stages.prior.loss.weight=2'],
    ['stages.prior.loss.type=gan-least-squares'],
    ['stages.prior.discriminatorLoss.type=gan-hinge-discriminator'],
  ];
  expect(new Set(sets.map((set) => load('gan-smoke', ...set).identity('stages', 'prior'))).size).toBe(sets.length);
});

test('an old key is an error that gives the new one', () => {
  expect(() => load('gan-smoke', 'stages.prior.augmentation={color: true}')).toThrow(
    /stage gan has no option "augmentation"[^]*hint: it is now called "diffAugment"/,
  );
  expect(() => load('gan-smoke', 'stages.prior.adversarial=hinge')).toThrow(
    /has no option "adversarial"[^]*hint: it is now called "loss" \(of the generator\) and "discriminatorLoss"/,
  );
});

/** The hash of stage `fuse` of dual-prior-smoke.yaml, by the version whose terms were `{weight: 10, loss: {type: lpips, ...}, name: NAME}`. */
const SUMS = [
  ['[{type: l1, weight: 2}, {type: mse}]', 'e610df201b02b3c8'],
  ['{near: {type: l1, weight: 0.5}, far: {type: l1}}', 'aaada86ffea161f8'],
  [
    '[{type: weighted-sum, terms: [{type: psnr, weight: 3, toY: true}]}, {type: charbonnier, epsilon: 1e-6}]',
    'e1da73d229f29467',
  ],
] as const;

test.each(SUMS)('a sum of %s has the hash that it had with its weights beside its losses', (terms, hash) => {
  expect(load('dual-prior-smoke', `stages.fuse.loss.terms=${terms}`).identity('stages', 'fuse')).toBe(hash);
});

test('a weight beside a term, or of a whole sum, is an error that gives the new spelling', () => {
  const terms = 'stages.fuse.loss.terms=[{weight: 10, loss: {type: charbonnier, epsilon: 1e-6}}]';
  expect(() => load('dual-prior-smoke', terms)).toThrow(
    /loss\.terms\[0\] has no type: which loss\?[^]*hint: write the loss itself: \{type: charbonnier, epsilon: 0\.000001, weight: 10\}/,
  );
  expect(() => load('dual-prior-smoke', 'stages.fuse.loss.weight=2')).toThrow(
    /loss weighted-sum has no option "weight"[^]*hint: it is now called "weight" of each of its terms/,
  );
});

test('keeping decoded images changes no hash', () => {
  const root = mkdtempSync(join(tmpdir(), 'photographs-'));
  writeFileSync(join(root, 'a.png'), '');
  const folder = (more: string) => ['data.train=null', `data.train={type: image-folder, root: ${root}${more}}`];
  const hash = (more: string) => load('gan-smoke', ...folder(more)).identity('stages', 'prior');
  expect(hash(', cache: {on: disk, mebibytes: 9}')).toBe(hash(''));
  expect(hash(', size: 16')).not.toBe(hash(''));
  expect(() => hash(', cache: {on: tape, mebibytes: 9}')).toThrow(/cache\.on/);
  expect(() => hash(', cache: {on: disk}')).toThrow(/mebibytes/);
});
