import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { loadExperiment, UserError } from '@dualprior/core';
import '../index.ts';
import type { Console } from '../console/console.ts';
import { describePlan } from '../experiment/report.ts';
import { plan } from '../experiment/plan.ts';
import { openStore } from '../experiment/run.ts';
import { dryRun } from './dry-run.ts';
import { estimate, secondsPerIteration } from './estimate.ts';

jest.setTimeout(60_000);

const experiments = resolve(import.meta.dirname, '../../../experiments');
const SMOKE = join(experiments, 'dual-prior-smoke.yaml');

let folder: string;
let lines: string[];
const say = (line: string) => void lines.push(line);
const console = { info: say, heading: say, warn: say } as unknown as Console;
const { signal } = new AbortController();

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
    const unused = ['style.1.weight', 'style.1.bias', 'style.2.weight', 'style.2.bias', 'input.input']; // as f and w take their places
    const invert = unused.map((name) => `prior.generator: ${name}`);
    expect(missing).toEqual({ restore: [], prior: [], invert, fuse: [] });
    expect(stages[3]!.networks[0]!.parameters).toBeGreaterThan(1000);
    expect(methods.map(({ name, input, output, columns }) => [name, input.join(), output.join(), columns])).toEqual(
      ['NAFNet', 'Ours', 'Inverted'].map((name) => [name, '2,16,16,3', '2,16,16,3', ['psnr', 'ssim']]),
    );
    expect(lines.join('\n')).toMatch(
      /Stage restore · trains regressor, 0.020 M parameters\n {2}one step on 1x16x16x3 in/,
    );
    expect(readdirSync(folder)).toEqual([]);
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
      'drawn images for the data set "test", as there is no nothing/here',
      expect.stringMatching(/^drawn images for the data set "photos", as there is no .*NO_SUCH_ROOT-is-not-set$/),
      'first weights for the network "regressor", as there is no none.pth',
      expect.stringMatching(/first weights for the missing file .*NO_SUCH_WEIGHTS-is-not-set/),
      expect.stringMatching(/first weights for the missing file .*NO_SUCH_HEADS-is-not-set/),
    ]);
    expect(stages.map(({ withoutGradient }) => withoutGradient)).toEqual([[]]);
    expect(methods[0]).toMatchObject({ output: [2, 64, 64, 3], columns: ['psnr', 'ssim', 'lpips_squeezenet'] });
    expect(() => loadExperiment(file, { set: [] })).toThrow(/NO_SUCH_ROOT is not set/);
  });

  test('says all that does not work', async () => {
    const set = ['data.train.size=24', 'stages.restore.loss={type: identity}'];
    const running = dryRun(SMOKE, { set, console, signal });
    await expect(running).rejects.toThrow(
      /stopped at stage restore, stage prior, stage invert, stage fuse; the lines above/,
    );
    await expect(running).rejects.toBeInstanceOf(UserError);
    expect(lines.join('\n')).toMatch(/stage restore: .*has no `weights`[^]*stage prior: .* is 24x24/);
  });
});

describe('an estimate', () => {
  test('is of the stages that are left to train', async () => {
    const experiment = loadExperiment(SMOKE, { set: [`store=${join(folder, 'store')}`, 'tracking=null'] });
    const planned = plan(experiment, openStore(experiment)).map((stage) =>
      stage.name === 'prior' || stage.name === 'restore' ? stage : { ...stage, action: 'reuse' as const },
    );
    const estimates = await estimate(SMOKE, [], planned, { console, signal });
    expect([...estimates.stages.keys()].sort()).toEqual(['prior', 'restore']);
    const { secondsPerIteration: each, seconds, measured, networks } = estimates.stages.get('prior')!;
    expect([measured, networks.map(({ reference }) => reference)]).toEqual([4, ['generator', 'discriminator']]);
    expect(seconds).toBeCloseTo(4 * each, 10);
    expect(each).toBeGreaterThan(0);
    expect(describePlan(experiment, planned, estimates)).toMatch(
      /train 4 iterations\n +trains generator 0\.015 M, discriminator 0\.016 M · about .* of memory, by 4 steps/,
    );
    expect(existsSync(join(folder, 'store'))).toBe(false);
  });

  test('is the mean of a whole cycle of regularisers after the first one, else the median without the first step', () => {
    const cycle = [...new Array<number>(15).fill(1), 17];
    expect(secondsPerIteration([100, ...cycle.map((each) => each * 5), ...cycle])).toBe(2);
    expect(secondsPerIteration([100, 2, 50, 3])).toBe(3);
    expect(secondsPerIteration([4])).toBe(4);
  });
});
