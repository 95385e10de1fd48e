import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Container, loadEngine, loadExperiment, LOG, type ConfigError, type Experiment } from '@dualprior/core';
import sharp from 'sharp';
import '../index.ts';
import './foreign.ts';
import { checkComponents } from '../checks/preflight.ts';
import { checkRuntime } from '../checks/check-runtime.ts';
import { checkValidation } from '../checks/check-validation.ts';
import type { Console } from '../console/console.ts';
import { runExperiment } from '../experiment/run.ts';
import { sharedImages } from '../experiment/shared-images.ts';
import { dryRun } from '../rehearsal/dry-run.ts';
import { forecast } from '../rehearsal/forecast.ts';
import { rehearsalContainer } from '../rehearsal/rehearsal-container.ts';
import { rehearseStage } from '../rehearsal/rehearse-stage.ts';
import { readRunRecord } from '../report/record/run-record.ts';
import { sharedExtractors } from '../report/remarks/shared-extractors.ts';
import { plannedImages, starvedBaselines } from '../report/remarks/starved-baselines.ts';
import { remarksOn } from '../report/remarks/remarks.ts';

jest.setTimeout(240_000);

let folder: string;
let file: string;
let lines: string[];
const say = (line: string) => void lines.push(line);
const console = {
  info: say,
  heading: say,
  warn: say,
  progress: () => ({ update: () => {}, stop: () => {} }),
} as unknown as Console;
const { signal } = new AbortController();

beforeAll(() => void loadEngine());

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'foreign-')));
  lines = [];
  for (const [name, count] of [
    ['seen', 6],
    ['unseen', 3],
  ] as const) {
    mkdirSync(join(folder, name));
    for (let i = 0; i < count; i++) {
      const background = { r: 20 + 30 * i, g: 200 - 30 * i, b: name === 'seen' ? 60 : 90 };
      await sharp({ create: { width: 16, height: 16, channels: 3, background } })
        .png()
        .toFile(join(folder, name, `${i}.png`));
    }
  }
  file = join(folder, 'experiment.yaml');
  writeFileSync(
    file,
    [
      'runtime: {workers: 1}',
      `store: ${join(folder, 'store')}`,
      'data:',
      '  photos: {type: foreign-photos, where: seen, spared: 2}',
      '  kept: {type: held-out, of: photos}',
      '  test: {type: foreign-photos, where: unseen}',
      'networks:',
      '  restorer: {type: nafnet, width: 4, encoderBlocks: [1], middleBlocks: 1, decoderBlocks: [1]}',
      '  lens: {type: inversion-encoder, size: 16, resolution: 4, featureChannels: 8, latents: 2, styleWidth: 8, filterMin: 4, filterMax: 8}',
      'stages:',
      '  own: {type: foreign-training, net: restorer, photos: photos, check: kept}',
      'methods:',
      '  Own: {type: foreign-method, model: own.restorer, lens: lens}',
      'metrics: {foreign: {type: foreign-distance, eye: {type: foreign-eye}}, psnr: {type: psnr}}',
      'evaluation: {data: test}',
      `tracking: {type: foreign-tracker, notebook: ${join(folder, 'notebook')}}`,
    ].join('\n'),
  );
});

/** SEEN stands for the folder. */
const experiment = (...set: string[]): Experiment =>
  loadExperiment(file, { set: set.map((each) => each.replace('SEEN', join(folder, 'seen'))) });

function mistakes(check: () => void): string[] {
  try {
    check();
    return [];
  } catch (error) {
    return (error as ConfigError).problems.map(({ message }) => message);
  }
}

describe('the checks know what foreign components are about', () => {
  test.each([
    [['stages.own.check=photos'], ['stages.own.check: "photos" has images of the training ("photos")']],
    [['stages.own.check=test'], ['stages.own.check: "test" has images of the evaluation ("test")']],
    [['stages.own.photos=test'], ['stages.own.photos: "test" has the images of the evaluation ("test")']],
    [['stages.own.photos=[photos, test]'], ['stages.own.photos: "test" has the images of the evaluation ("test")']],
    [
      ['data.again={type: foreign-photos, where: SEEN, edge: 8}', 'stages.own.check=again'],
      ['stages.own.check: "again" has images of the training ("photos")'],
    ],
    [[], []],
  ])('validation: %j', (set, expected) => {
    expect(mistakes(() => checkValidation(experiment(...set)))).toEqual(
      expected.map((message) => expect.stringContaining(message)),
    );
  });

  test('test images among the training images, by their files', async () => {
    copyFileSync(join(folder, 'unseen', '1.png'), join(folder, 'seen', '0-copy.png'));
    const written = experiment();
    const container = new Container(written, { services: [[LOG, console]] });
    expect(await sharedImages(written, container, join(folder, 'shared.json'))).toEqual([
      expect.stringMatching(/^1 of the 3 test images \("test"\) are training images of own \("photos"\), e\.g\. /),
    ]);
  });

  test('an extractor of a loss that a metric uses', () => {
    const seen = experiment('stages.own.criterion.eye={type: foreign-eye}');
    expect(sharedExtractors(seen)).toEqual([
      expect.stringContaining('The metric foreign and losses of own use the same feature extractor, foreign-eye'),
    ]);
  });

  test('its runtime', () => {
    expect(mistakes(() => checkRuntime(experiment('stages.own.how={compile: false, xla: true}')))).toEqual([
      expect.stringContaining('stages.own: runtime.xla is about compiled steps'),
    ]);
  });

  test('claims about rows and columns, and an f that is no bottleneck', () => {
    const claim = (method: string, metric: string) =>
      experiment(
        'report.type=comparison',
        `report.claims.C1={text: t, methods: [${method}], against: [input], conditions: [{metric: ${metric}}]}`,
        'networks.lens.featureChannels=64',
      );
    expect(mistakes(() => checkComponents(claim('Owm', 'foreing'), console))).toEqual([
      expect.stringContaining('report.claims.C1 is about a method'),
      expect.stringContaining('report.claims.C1 is about a metric'),
    ]);
    expect(mistakes(() => checkComponents(claim('Own', 'foreign'), console))).toEqual([]);
    expect(lines).toContainEqual(expect.stringMatching(/^networks\.lens: f is no bottleneck/));
  });
});

test('all remarks are made on foreign components', () => {
  const judge = '{type: foreign-distance, eye: {type: foreign-eye}}';
  const later = `stages.later={type: foreign-training, net: own.restorer, photos: test, check: whole, stands: prior, criterion: {type: foreign-distance, eye: {type: foreign-eye}}}`;
  const remarks = remarksOn(
    experiment(
      'data.whole={type: foreign-photos, where: SEEN}',
      'stages.own.criterion={type: weighted-sum, terms: [{type: foreign-distance, factor: 30}]}',
      'stages.own.basis=restorer',
      `stages.own.judge=${judge}`,
      later,
    ),
  );
  expect(remarks).toEqual([
    'foreign-eye stands in for an official feature extractor in the losses of later and the metric foreign: such values are comparable within this table only.',
    'The metric foreign and losses of later use the same feature extractor, foreign-eye: it favours what depends on them.',
    expect.stringMatching(/^Own: f holds 4x4x8 = 128 values/),
    "Stage own departs from the paper's equations: lambda_mine 30 (paper 1).",
    "Stage own has no prior: restorer begins with random weights, not trained on faces as the paper's.",
    'Stage own leaves out parts of the official training: patience.',
    'Stage own returned the checkpoint whose images are nearest to its training images by foreign-distance of foreign-eye, which foreign of this table uses as well.',
    expect.stringMatching(/^Stage own was trained on validation images of later, which depends on it/),
  ]);
});

test('a row that sees fewer images than the stages of another one is reported', () => {
  const compared = experiment(
    'report.type=comparison',
    'report.claims.C1={text: t, methods: [Double], against: [Own], conditions: [{metric: psnr}]}',
    'stages.first={type: foreign-training, net: restorer, photos: photos, stands: prior, rounds: 500}',
    'stages.double={type: foreign-training, net: first.restorer, photos: photos, stands: dual-prior, rounds: 5}',
    'methods.Double={type: foreign-method, model: double.restorer}',
  );
  expect(starvedBaselines(compared, plannedImages(compared))).toEqual([
    'Own sees 24 training images (own), fewer than the 40 that Double sees in double: it may be behind for that alone (C1).',
  ]);
});

describe('a rehearsal', () => {
  test('makes one step of a foreign stage, without validation and measurement, with images in place of missing ones', async () => {
    const judge = '{type: foreign-distance, eye: {type: foreign-eye}}';
    const set = [
      'data.photos.where=/nowhere',
      'metrics.foreign.norms=/no/norms',
      'stages.own.check=kept',
      `stages.own.judge=${judge}`,
    ];
    const { stages, methods, standIns } = await dryRun(file, { set, console, signal });
    expect(standIns).toEqual([
      'drawn images for the data set "photos", as there is no /nowhere',
      'the sharp test images for the metric "foreign", as there is no /no/norms',
    ]);
    expect(stages).toMatchObject([{ name: 'own', batch: [1, 16, 16, 3], iterations: 3, withoutGradient: [] }]);
    expect(stages[0]!.seconds).toHaveLength(1);
    expect(methods).toMatchObject([{ name: 'Own', output: [2, 16, 16, 3], columns: ['foreign', 'psnr'] }]);
    expect(existsSync(join(folder, 'notebook'))).toBe(false);
  });

  test('says that a stage does not tell its iterations', async () => {
    const { container, release } = rehearsalContainer(experiment('stages.own.silent=true'), console);
    const rehearsing = { experiment: container.experiment, container, console };
    const running = rehearseStage('own', rehearsing, { iterations: 1 }).finally(release);
    await expect(running).rejects.toThrow(/"foreign-training" does not say when an iteration has ended/);
  });

  test('estimates what is left to train', async () => {
    const { stages, remarks } = await forecast(file, { set: [], device: 'cpu', console, signal });
    expect(remarks).toEqual([]);
    expect(stages).toMatchObject([{ name: 'own', action: 'train', iterations: 3, estimate: { batch: 4 } }]);
    // On a whole batch or, where that takes long, on one image and two.
    const measured = stages[0]!.estimate!.measured.map(({ batch }) => batch);
    expect([[4], [1, 2]]).toContainEqual(measured);
  });
});

test('a run trains, evaluates, tracks and reports them', async () => {
  const written = experiment();
  const { runDir, results } = await runExperiment(written, { runDir: join(folder, 'run'), console, signal });
  expect(results!.rows.map(({ method }) => method)).toEqual(['input', 'Own']);
  const { stages, results: reported } = await readRunRecord(written, runDir);
  expect(stages).toMatchObject([{ name: 'own', type: 'foreign-training', iterations: 3, batch: 8 }]);
  expect(stages[0]!.curves.map(({ name, points }) => [name, points.length])).toEqual([
    ['loss_first', 3],
    ['loss_second', 3],
  ]);
  expect(reported.rows[1]!.cost).toMatchObject({ images: 24 });
  expect(reported.remarks).toContainEqual(expect.stringMatching(/^Stage own leaves out/));
  expect(readFileSync(join(folder, 'notebook'), 'utf8')).toBe('run experiment\nfollows stages\nend\n');
  expect(readFileSync(join(runDir, 'report.html'), 'utf8')).toContain('foreign-training');
});
