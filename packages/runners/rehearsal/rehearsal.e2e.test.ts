import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { loadEngine, loadExperiment, UserError } from '@dualprior/core';
import '../index.ts';
import type { Console } from '../console/console.ts';
import { describeForecast } from '../cli/experiment-text.ts';
import { openStore } from '../experiment/session.ts';
import { FakeMlflow } from '../mlflow/testing/fake-mlflow.ts';
import { long } from '../testing/long.ts';
import { dryRun } from './dry-run.ts';
import { forecast } from './forecast.ts';
import { Exceeded, inOwnProcess } from './own-process.ts';
import { rehearsalContainer } from './rehearsal-container.ts';
import { rehearseStage, type RehearsedStage } from './rehearse-stage.ts';
import { loadRehearsal } from './stand-ins.ts';

jest.setTimeout(240_000);

const experiments = resolve(import.meta.dirname, '../../../experiments');
const SMOKE = join(experiments, 'dual-prior-smoke.yaml');

let folder: string;
let lines: string[];
const say = (line: string) => void lines.push(line);
const console = { info: say, heading: say, warn: say } as unknown as Console;
const { signal } = new AbortController();

beforeAll(() => void loadEngine());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rehearsal-'));
  lines = [];
});

describe('a dry run', () => {
  test('looks at every stage and method, and leaves nothing behind', async () => {
    const set = [`store=${join(folder, 'store')}`];
    const { stages, methods, standIns } = await dryRun(SMOKE, { set, console, signal });
    expect(standIns).toEqual([]);
    expect(stages.map(({ name, batch, seconds }) => [name, batch.join(), seconds.length])).toEqual(
      ['restore', 'prior', 'invert', 'fuse'].map((name) => [name, '1,16,16,3', 1]),
    );
    const missing = Object.fromEntries(stages.map(({ name, withoutGradient }) => [name, withoutGradient]));
    const reference = 'prior.generator';
    const invert = [
      { reference, count: 4, names: ['style.*'], reason: expect.stringContaining('w comes from the encoder') },
      { reference, count: 1, names: ['input.*'], reason: expect.stringContaining('f of the encoder') },
    ];
    expect(missing).toEqual({ restore: [], prior: [], invert, fuse: [] });
    expect(stages[3]!.networks[0]!.parameters).toBeGreaterThan(1000);
    expect(methods.map(({ name, input, output, columns }) => [name, input.join(), output.join(), columns])).toEqual(
      ['NAFNet', 'Ours', 'Inverted'].map((name) => [name, '2,16,16,3', '2,16,16,3', ['psnr', 'ssim']]),
    );
    expect(lines.join('\n')).toMatch(/Stage restore · trains regressor 0.020 M\n {2}one step on 1x16x16x3 in/);
    expect(lines.join('\n')).toMatch(/Stage fuse · trains fusion .* · uses .*invert.encoder 0\.\d+ M.*, not trained/);
    expect(readdirSync(folder)).toEqual([]);
  });

  long('touches no tracker, and says what GFP-GAN does not use', async () => {
    const server = new FakeMlflow();
    await server.start();
    const file = join(folder, 'tracked.yaml');
    const gfpgan = { fixDecoder: false };
    writeFileSync(
      file,
      JSON.stringify({
        extends: join(experiments, 'gfpgan-smoke.yaml'),
        networks: { gfpgan },
        tracking: { type: 'mlflow', uri: server.uri },
      }),
    );
    const dry = dryRun(file, { set: [`store=${join(folder, 'store')}`], console, signal });
    const { stages, methods } = await dry.finally(() => server.stop());
    expect(server.requests).toEqual([]);
    expect(stages.at(-1)!.withoutGradient).toEqual([
      expect.objectContaining({ names: ['stylegan_decoder.style_mlp.*'], reason: expect.stringContaining('U-Net') }),
    ]);
    expect(methods.map(({ name }) => name)).toEqual(['GFP-GAN']);
  });

  test('has stand-ins for data, weights and variables that are missing', async () => {
    const file = join(folder, 'missing.yaml');
    writeFileSync(
      file,
      JSON.stringify({
        extends: SMOKE,
        data: {
          train: null,
          photos: { type: 'image-folder', root: '${env:NO_SUCH_ROOT}', size: 16, holdOut: 2, degradation: 'blur' },
          validation: null,
          test: { type: 'image-folder', root: './nothing/here', size: 64, degradation: 'blur' },
        },
        networks: { regressor: { weights: './none.pth' } },
        stages: {
          restore: { data: 'photos', validation: null },
          prior: null,
          invert: null,
          fuse: null,
        },
        methods: { Ours: null, Inverted: null },
        metrics: {
          lpips: {
            type: 'lpips',
            features: { type: 'squeezenet', weights: '${env:NO_SUCH_WEIGHTS}' },
            heads: '${env:NO_SUCH_HEADS}',
          },
        },
      }),
    );
    const { standIns, stages, methods } = await dryRun(file, { set: [], console, signal });
    expect(standIns.map((line) => line.replaceAll(`${folder}/`, ''))).toEqual([
      expect.stringMatching(/^drawn images for the data set "photos", as there is no .*NO_SUCH_ROOT-is-not-set$/),
      'drawn images for the data set "test", as there is no nothing/here',
      'initial weights for the network "regressor", as there is no none.pth',
      expect.stringMatching(/initial weights for the missing file .*NO_SUCH_WEIGHTS-is-not-set/),
      expect.stringMatching(/initial weights for the missing file .*NO_SUCH_HEADS-is-not-set/),
    ]);
    expect(stages.map(({ withoutGradient }) => withoutGradient)).toEqual([[]]);
    expect(methods[0]).toMatchObject({ output: [2, 64, 64, 3], columns: ['psnr', 'ssim', 'lpips_squeezenet'] });
    expect(() => loadExperiment(file, { set: [] })).toThrow(/NO_SUCH_ROOT is not set/);
  });

  test('says all that does not work', async () => {
    const running = dryRun(SMOKE, { set: ['data.train.size=24'], console, signal });
    await expect(running).rejects.toThrow(/stopped at stage prior, stage invert, stage fuse; the lines above/);
    await expect(running).rejects.toBeInstanceOf(UserError);
    expect(lines.join('\n')).toMatch(/stage prior: .* is 24x24[^]*stage fuse: .* is 24x24/);
  });

  test('finds wrong claims', async () => {
    const claims = '{C1: {text: none, methods: [Nobody], against: [NAFNet], conditions: [{metric: psnr}]}}';
    const set = ['report.type=comparison', `report.claims=${claims}`];
    await expect(dryRun(SMOKE, { set, console, signal })).rejects.toThrow(/report\.claims\.C1 is about a method that/);
  });
});

describe('a forecast', () => {
  const set = () => [`store=${join(folder, 'store')}`];

  test('is of all stages, their networks and what is left to train', async () => {
    const experiment = loadExperiment(SMOKE, { set: set() });
    const done = openStore(experiment).open(experiment.identity('stages', 'prior'));
    done.update({ complete: true, seconds: 3 });
    const only = [...set(), 'stages.invert=null', 'stages.fuse=null', 'methods.Ours=null', 'methods.Inverted=null'];
    const found = await forecast(SMOKE, { set: only, device: 'cpu', console, signal });
    expect(
      found.stages.map(({ name, action, networks, estimate: measured }) => [name, action, networks, !!measured]),
    ).toEqual([
      ['restore', 'train', [{ reference: 'regressor', parameters: 19_899, trainable: 19_899, trained: true }], true],
      [
        'prior',
        'reuse',
        [
          { reference: 'generator', parameters: expect.any(Number), trainable: expect.any(Number), trained: true },
          { reference: 'discriminator', parameters: expect.any(Number), trainable: expect.any(Number), trained: true },
        ],
        false,
      ],
    ]);
    const { batch, measured, fits, secondsPerIteration: each } = found.stages[0]!.estimate!;
    expect({ batch, measured, fits }).toEqual({ batch: 4, measured: [{ batch: 4, iterations: 8 }], fits: true });
    expect(each).toBeGreaterThan(0);
    const text = describeForecast(found);
    expect(text).toMatch(
      /restore +[0-9a-f]{16} {2}train 8 iterations\n +trains regressor 0\.020 M\n +about .* of memory · measured over 8 steps of 4 images/,
    );
    expect(text).toMatch(
      /prior +[0-9a-f]{16} {2}reuse \(4 iterations, trained in 3 s\)\n +trains generator 0\.015 M, discriminator 0\.016 M\n/,
    );
  });

  long('has stand-ins where weights and variables are missing', async () => {
    const loss =
      '{type: lpips, features: {type: vgg16, weights: "${env:NO_SUCH_WEIGHTS}"}, heads: "${env:NO_SUCH_HEADS}"}';
    const only = [
      ...set(),
      'stages.restore.loss=' + loss,
      'stages.prior=null',
      'stages.invert=null',
      'stages.fuse=null',
      'methods.Ours=null',
      'methods.Inverted=null',
    ];
    const { stages, remarks } = await forecast(SMOKE, { set: only, device: 'cpu', console, signal });
    expect(stages).toMatchObject([{ name: 'restore', action: 'train', hash: null, estimate: { batch: 4 } }]);
    expect(remarks).toEqual(
      ['WEIGHTS', 'HEADS'].map((kind) =>
        expect.stringMatching(new RegExp(`^initial weights for the missing file .*NO_SUCH_${kind}-is-not-set$`)),
      ),
    );
  });
});

describe('a process of its own', () => {
  const task = {
    file: SMOKE,
    set: [],
    device: 'cpu',
    components: [],
    part: { stage: 'restore', limits: { iterations: 2 } },
  } as const;
  const options = { told: () => {}, signal, seconds: 120 };

  test('tells what it found, what the stage says and the memory that it took', async () => {
    const gpen = { stage: 'gpen', limits: { iterations: 2 } };
    const told: string[] = [];
    const { value, peakBytes } = await inOwnProcess<RehearsedStage>(
      { ...task, file: join(experiments, 'gpen-smoke.yaml'), part: gpen },
      { ...options, told: ({ line }) => told.push(line) },
    );
    expect(value).toMatchObject({ name: 'gpen', batch: [4, 16, 16, 3], withoutGradient: [] });
    expect(value.seconds).toHaveLength(2);
    expect(told).toEqual([
      expect.stringMatching(/tensors are initialised from the prior "prior.generator"/),
      expect.stringMatching(/^ {2}no identity loss: /),
    ]);
    expect(peakBytes).toBeGreaterThan(100e6);
  });

  test.each([
    ['memory', { memory: 30e6 }, /more than the 0\.0 GB of memory/],
    ['time', { seconds: 0.2 }, /longer than 0\.2 seconds/],
  ])('is ended before it takes too much %s', async (_, limit, message) => {
    const { TMPDIR } = process.env;
    try {
      process.env['TMPDIR'] = folder;
      const running = inOwnProcess(task, { ...options, ...limit });
      await expect(running).rejects.toThrow(message);
      await expect(running).rejects.toBeInstanceOf(Exceeded);
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      if (TMPDIR === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = TMPDIR;
    }
  });

  test('its command line, which every user of the machine sees, does not hold what is set', async () => {
    const running = inOwnProcess({ ...task, set: ['tracking.uri=http://ann:s3cret@host'] }, { ...options, seconds: 1 });
    const { stdout } = spawnSync('ps', ['-o', 'args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
    await running.catch(() => {});
    expect(stdout).toContain('child.ts');
    expect(stdout).not.toContain('s3cret');
  });

  test('says what is wrong, and whose mistake it is', async () => {
    const loss = ['stages.restore.loss={type: identity}'];
    const running = inOwnProcess({ ...task, set: loss }, options);
    await expect(running).rejects.toThrow(/has no `weights`/);
    await expect(running).rejects.toBeInstanceOf(UserError);
  });
});

test('a stage is rehearsed until a step traces nothing: stage 1 has one form with R1 and one without', async () => {
  const traced = async (steady: number, ...set: string[]) => {
    const { experiment, end } = loadRehearsal(SMOKE, { set });
    const { container, release } = rehearsalContainer(experiment, console);
    try {
      const limits = { iterations: 6, steady };
      const found = await rehearseStage('invert', { experiment, container, console }, limits);
      expect(found.seconds).toHaveLength(found.traced.length);
      return found.traced;
    } finally {
      release();
      end();
    }
  };
  // Every fourth iteration has R1.
  expect(await traced(3)).toEqual([true, true, false, false, false]);
  expect(await traced(1, 'stages.invert.r1.gamma=0')).toEqual([true, false]);
  expect(await traced(1, 'stages.invert.runtime.compile=false')).toEqual([false]);
});
