import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { loadExperiment, Random, withOptions } from '@dualprior/core';
import '../index.ts';
import { paperOf, type PaperResult } from './paper.ts';
import { computedBy, differences } from './kills/computed.ts';
import { RunError } from './kills/interrupted-run.ts';
import { shortened } from './paper/small-paper.ts';
import { watchedRun } from './paper/watched-run.ts';

jest.setTimeout(600_000);

const experiments = resolve(import.meta.dirname, '../../../experiments');
const PAPER = join(experiments, 'paper.yaml');
const { signal } = new AbortController();

let folder: string;
let lines: string[];
const say = (line: string) => void lines.push(line);
const log = { info: say, warn: say };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paper-'));
  lines = [];
});

const soak = (file: string, parts: readonly string[] = []) => {
  const options = { count: 1, parts, random: new Random(0), folder, progress: () => {}, log, signal };
  return paperOf(file).run(options) as Promise<PaperResult>;
};

describe('of the experiment', () => {
  const variables = [...readFileSync(PAPER, 'utf8').matchAll(/\$\{env:(\w+)/g)].map(([, name]) => name!);
  const before = { ...process.env };
  afterEach(() => void (process.env = before));

  test('networks, losses, crops and image sizes stay; all else is as small as it can be', () => {
    for (const name of variables) process.env[name] = name.endsWith('URI') ? '' : join(folder, `${name}.safetensors`);
    process.env['DUALPRIOR_CACHE'] = folder;
    const { config: whole } = loadExperiment(PAPER, {});
    const { config } = shortened(PAPER, folder, { parts: [], seed: 0 });
    const withoutWeights = Object.entries(whole.networks).map(([name, each]) => {
      const { weights: _, ...spec } = withOptions(each);
      return [name, spec];
    });
    expect(config.networks).toEqual(Object.fromEntries(withoutWeights));
    const small = { iterations: 2, saveEvery: 1, logEvery: 1, validateEvery: 2 };
    for (const [name, stage] of Object.entries(whole.stages)) {
      expect(config.stages[name]).toEqual({
        ...stage,
        ...small,
        batch: { ...(withOptions(stage)['batch'] as object), size: 1 },
      });
    }
    expect(withOptions(config.stages['restore']!)['batch']).toEqual({ size: 1, crop: 256 });
    expect([config.data['train'], config.data['test']]).toMatchObject([
      { type: 'avatars', size: 512, holdOut: 1 },
      { type: 'avatars', size: 512, limit: 2 },
    ]);
    const { fidInfinity: _, ...metrics } = whole.metrics; // needs 14 images
    expect([config.methods, config.metrics, config.evaluation]).toEqual([whole.methods, metrics, whole.evaluation]);
  });

  test('parts are stages with those that they build on, and the methods that these suffice for', () => {
    const { config } = shortened(PAPER, folder, { parts: ['fuse'], seed: 0 });
    expect(Object.keys(config.stages)).toEqual(['restore', 'invert', 'fuse']);
    expect(Object.keys(config.methods)).toEqual(['NAFNet', 'Inverted', 'Ours']);
    expect(() => shortened(PAPER, folder, { parts: ['nafnet'], seed: 0 })).toThrow(/no stage "nafnet".*restore, hinet/);
  });
});

test('every stage is killed and resumed, and computes the same', async () => {
  const { counts, failures, parts } = await soak(join(experiments, 'smoke.yaml'));
  expect({ counts, failures, lines: failures.length > 0 ? lines : [] }).toEqual({
    counts: { 'bit-identical': 3 },
    failures: [],
    lines: [],
  });
  expect(parts.map(({ name }) => name)).toEqual(['nafnet', 'hinet', 'evaluation']);
  for (const { peakBytes } of parts) expect(peakBytes).toBeGreaterThan(5e7);
  expect(parts[0]!.state).toBeGreaterThan(10_000);
  const said = lines.join('\n');
  expect(said).toMatch(/killed after the first iteration of nafnet:[^]*killed after the first iteration of hinet:/);
  expect(said.match(/resumes at iteration [12] of 2/g)).toHaveLength(2);
  expect(existsSync(folder)).toBe(false);
});

test('a run that fails is a failure with its last words', async () => {
  writeFileSync(join(folder, 'broken.yaml'), 'name: broken\nstages: 3\n');
  const command = { file: join(folder, 'broken.yaml'), folder, settings: [] };
  const run = watchedRun(command, { stages: ['a'], signal, told: say });
  await expect(run).rejects.toThrow(RunError);
  await expect(run).rejects.toThrow(/exit code 2: [^]*broken\.yaml:2/);
});

test('one bit, one point of a curve or one file more is a difference', () => {
  const write = (values: string, weights: Buffer) => {
    const own = mkdtempSync(join(folder, 'stage-'));
    writeFileSync(join(own, 'journal.jsonl'), values);
    writeFileSync(join(own, 'last.safetensors'), weights);
    return own;
  };
  const point = (value: number) => `{"event":"metric","key":"loss","step":1,"value":${value}}\n`;
  const stage = computedBy(write(point(1), Buffer.from([1, 2])));
  expect(differences(stage, computedBy(write(point(1), Buffer.from([1, 2]))))).toEqual([]);
  expect(differences(stage, computedBy(write(point(1), Buffer.from([1, 3]))))).toEqual(['last.safetensors']);
  expect(differences(stage, computedBy(write(point(2), Buffer.from([1, 2]))))).toEqual(['curves']);
  const more = write(point(1), Buffer.from([1, 2]));
  writeFileSync(join(more, 'best.safetensors'), '');
  expect(differences(stage, computedBy(more))).toEqual(['best.safetensors']);
});
