import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadExperiment, type Experiment } from '@dualprior/core';
import '../../index.ts';
import { plannedImages, starvedBaselines } from './starved-baselines.ts';

const EXPERIMENTS = resolve(import.meta.dirname, '../../../../experiments');

/** NAFNet (stage restore) and Ours (restore, prior, invert, fuse), compared by the paper's claims. */
function experiment(...set: string[]): Experiment {
  const file = join(realpathSync(mkdtempSync(join(tmpdir(), 'starved-'))), 'experiment.yaml');
  writeFileSync(file, `extends: [${EXPERIMENTS}/dual-prior-smoke.yaml, ${EXPERIMENTS}/paper-report.yaml]`);
  return loadExperiment(file, { set });
}

const lines = (images: Readonly<Record<string, number>>, ...set: string[]) =>
  starvedBaselines(experiment(...set), (stage) => images[stage]);

test('a row that sees fewer images than stages 1 and 2 together is named, with the claims that compare it', () => {
  expect(lines({ restore: 500, prior: 90_000, invert: 300, fuse: 400 })).toEqual([
    'NAFNet sees 500 training images (restore), fewer than the 700 that Ours sees in invert and fuse: it may be behind for that alone (C1, C2, C4).',
  ]);
  expect(lines({ restore: 700, prior: 90_000, invert: 300, fuse: 400 })).toEqual([]);
});

test('a generative row is compared over everything that either depends on, shared stages and priors too', () => {
  const set = [
    'networks.gpen={type: gpen, size: 16, maxChannels: 4, styleWidth: 16, mappingLayers: 2}',
    'stages.gpen={type: gpen, network: gpen, prior: prior.generator, discriminator: prior.discriminator, data: train, batch: {size: 4}, iterations: 2}',
    'methods.GPEN={type: regression, network: gpen.gpen}',
  ];
  expect(lines({ restore: 700, prior: 90_000, gpen: 100, invert: 300, fuse: 400 }, ...set)).toEqual([
    'GPEN sees 90.1 k training images (prior, gpen), fewer than the 91.4 k that Ours sees in restore, prior, invert and fuse: it may be behind for that alone (C1, C2, C3).',
  ]);
  expect(lines({ restore: 700, prior: 90_000, gpen: 1400, invert: 300, fuse: 400 }, ...set)).toEqual([]);
});

test('rows that are compared with the same one share a line', () => {
  const set = [
    'methods.Other={type: regression, network: restore.regressor}',
    'report.claims.C1.against=[NAFNet, Other]',
  ];
  const [line, ...others] = lines({ restore: 500, prior: 90_000, invert: 300, fuse: 400 }, ...set);
  expect(line).toMatch(
    /^NAFNet \(500 in restore\) and Other \(500 in restore\) see fewer training images than the 700 that Ours sees in invert and fuse: they may be behind for that alone \(C1, /,
  );
  expect(others).toEqual([]);
});

test('what is not known, and what no claim compares, is not accused', () => {
  expect(lines({ restore: 500, invert: 300 })).toEqual([]);
  expect(
    lines(
      { restore: 1, invert: 300, fuse: 400 },
      'report.claims={C3: {against: [GPEN]}, C1: null, C2: null, C4: null}',
    ),
  ).toEqual([]);
});

test('before the training the options say it', () => {
  const images = plannedImages(experiment('stages.restore.iterations=7', 'stages.restore.batch.size=3'));
  expect(images('restore')).toBe(21);
});
