import { writeFileSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { catalogue, loadExperiment, type Experiment } from '@dualprior/core';
import '../index.ts';
import { checkReport } from './check-report.ts';
import { stagesBehind } from '../report/record/cost.ts';
import { remarksOn } from '../report/remarks/remarks.ts';

const COLUMNS = ['psnr', 'ssim'];
const EXPERIMENTS = resolve(import.meta.dirname, '../../../experiments');

function experiment(text = '', set: readonly string[] = []): Experiment {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'report-')));
  const file = join(folder, 'experiment.yaml');
  const parents = ['dual-prior-smoke', 'paper-report'].map((name) => join(EXPERIMENTS, `${name}.yaml`));
  writeFileSync(file, `extends: [${parents.join(', ')}]\n${text}`);
  return loadExperiment(file, { set });
}

test('the claims of the paper may name rows that only its own table has', () => {
  expect(() => checkReport(experiment(), COLUMNS)).not.toThrow();
});

test('a claim or figure about a method that nobody knows is an error at its place, with the nearest name', () => {
  const wrong = experiment('report: {claims: {C4: {against: [NAFnet]}}, figures: {"4": {methods: [Hi-Nets]}}}');
  expect(() => checkReport(wrong, COLUMNS)).toThrow(
    /report\.claims\.C4 is about a method.*\n[^]*NAFnet[^]*did you mean "NAFNet"/,
  );
  expect(() => checkReport(wrong, COLUMNS)).toThrow(/report\.figures\.4 is about a method/);
});

test('so is one about a metric', () => {
  const condition = '[{metric: psnrr}, {metric: fid}]';
  const wrong = experiment(
    `report: {claims: {C9: {text: t, methods: [Ours], against: [NAFNet], conditions: ${condition}}}}`,
  );
  expect(() => checkReport(wrong, COLUMNS)).toThrow(/about a metric that neither[^]*psnrr[^]*did you mean "psnr"/);
  expect(() => checkReport(wrong, [...COLUMNS, 'psnrr'])).not.toThrow();
});

test('columns beside a metric may be any that some metric makes, whether the table has them or not', () => {
  const beside = (names: string) =>
    experiment(
      `report: {claims: {C9: {text: t, methods: [Ours], against: [NAFNet], conditions: [{metric: psnr, beside: [${names}]}]}}}`,
    );
  expect(() => checkReport(beside('kid, fid_192_substitute, lpips_vgg16, ssim_y'), COLUMNS)).not.toThrow();
  expect(() => checkReport(beside('own_column'), [...COLUMNS, 'own_column'])).not.toThrow();
  expect(() => checkReport(beside('kdi, nonsense'), COLUMNS)).toThrow(
    /report\.claims\.C9 is about a column beside others that no metric makes[^]*kdi[^]*did you mean "kid"[^]*nonsense/,
  );
});

test('every metric tells which columns it can have', () => {
  const silent = catalogue.components('metric').filter(({ create }) => !('possibleColumns' in create));
  expect(silent.map(({ declaration }) => declaration.type)).toEqual([]);
});

test('a figure is of methods or of steps', () => {
  expect(() => checkReport(experiment('report: {figures: {x: {title: X}}}'), COLUMNS)).toThrow(
    /figures\.x needs either/,
  );
});

test('a claim without a condition is refused where it is written', () => {
  expect(() => experiment('report: {claims: {C9: {text: t, methods: [Ours], against: [NAFNet]}}}')).toThrow(
    /report\.claims\.C9: "conditions" is missing/,
  );
});

test('the report is not part of the identity of a run', () => {
  expect(experiment('report: {claims: {C1: null}}').hash).toBe(experiment().hash);
});

test('the stages behind a row: everything that it depends on, each once', () => {
  expect(stagesBehind(experiment(), 'NAFNet')).toEqual(['restore']);
  expect(stagesBehind(experiment(), 'Ours')).toEqual(['restore', 'prior', 'invert', 'fuse']);
});

test('remarks: the size of f, and every lambda that is not the paper’s', () => {
  const [size, ...lambdas] = remarksOn(experiment());
  expect(size).toMatch(/^Ours, Inverted: f holds 4x4x16 = 256 values, 0\.33 times the 768 of an image of 16x16/);
  expect(lambdas).toEqual([
    "Stage invert departs from the paper's equations: lambda_per 0 (paper 10).",
    "Stage fuse departs from the paper's equations: lambda_per 0 (paper 10), lambda_fc 0 (paper 1).",
  ]);
});

test('remarks: two terms of one loss are both reported', () => {
  const terms = '{near: {type: l1}, far: {type: l1, weight: 0.5}}';
  const remarks = remarksOn(experiment(`stages: {fuse: {loss: {terms: ${terms}}}}`));
  expect(remarks).toContainEqual(
    expect.stringContaining("Stage fuse departs from the paper's equations: the weight of L_1 1 and 0.5 (paper 1),"),
  );
});

test('remarks: a prior that begins with random weights', () => {
  const trained = (line: string) => line.includes('has no prior');
  expect(remarksOn(experiment()).filter(trained)).toEqual([]);
  const fresh = 'stages: {invert: {generator: generator, discriminator: discriminator}}';
  expect(remarksOn(experiment(fresh)).filter(trained)).toEqual([
    "Stage invert has no prior: generator and discriminator begin with random weights, not trained on faces as the paper's.",
  ]);
  const given = 'networks: {generator: {weights: /given/g.pth}, discriminator: {weights: /given/d.pth}}';
  expect(remarksOn(experiment(`${fresh}\n${given}`)).filter(trained)).toEqual([]);
});

test('remarks: what the official code of a compared method trains with, and a stage does not', () => {
  const of = (stage: string) => {
    const file = join(realpathSync(mkdtempSync(join(tmpdir(), 'report-'))), 'experiment.yaml');
    writeFileSync(file, `extends: ${join(EXPERIMENTS, 'gfpgan-smoke.yaml')}\nstages: {gfpgan: ${stage}}`);
    return remarksOn(loadExperiment(file)).filter((line) => line.includes('leaves out'));
  };
  expect(of('{}')).toEqual([
    'Stage gfpgan leaves out parts of the official training: the identity loss (no `identity.weights`), the discriminators of eyes and mouth (no `components`).',
  ]);
  expect(of('{identity: {type: identity, weights: /given/arcface.pth}}')).toEqual([
    'Stage gfpgan leaves out parts of the official training: the discriminators of eyes and mouth (no `components`).',
  ]);
});

test('remarks: a checkpoint that was chosen by what the table measures with', () => {
  const quality = 'stages: {prior: {quality: {metric: {type: fid, features: {type: inception-v3-substitute}}}}}';
  const of = (metrics: string) =>
    remarksOn(experiment(`${quality}\nmetrics: {${metrics}}`)).filter((line) => line.includes('returned'));
  expect(of('psnr: {type: psnr}')).toEqual([]);
  expect(of('kid: {type: kid, features: {type: inception-v3-substitute}}')).toEqual([
    'Stage prior returned the checkpoint whose images are nearest to its training images by fid of inception-v3-substitute, which kid of this table uses as well.',
  ]);
  const chosen = remarksOn(experiment('stages: {restore: {select: {metric: ssim}}}'));
  expect(chosen.filter((line) => line.includes('returned'))).toEqual([
    'Stage restore returned the checkpoint with the best ssim of its validation images, which is a metric of this table.',
  ]);
});

test('remarks: substitutes, sums within sums, weights of terms, equation 4', () => {
  const perceptual =
    '{type: weighted-sum, terms: [{type: lpips, weight: 10, features: {type: mobilenet-v2-substitute}}]}';
  const contextual = '{type: fusion-contextual, lambdaInverted: 0.1, features: {type: mobilenet-v2-substitute}}';
  const remarks = remarksOn(
    experiment(
      [
        'stages:',
        '  fuse:',
        '    loss:',
        '      type: weighted-sum',
        `      terms: {l1: {type: l1}, inner: ${perceptual}, fc: ${contextual}, mse: {type: mse, weight: 2}}`,
        'metrics: {lpips: {type: lpips, features: {type: inception-v3-substitute}}}',
      ].join('\n'),
    ),
  );
  expect(remarks).toContain(
    "Stage fuse departs from the paper's equations: lambda_cxG 0.1 (paper 0.05), mse 2 (not in the paper).",
  );
  expect(remarks).toContain(
    'Substitutes stand in for official feature extractors (mobilenet-v2-substitute in the losses of fuse; ' +
      'inception-v3-substitute in the metric lpips): such values are comparable within this table only.',
  );
});
