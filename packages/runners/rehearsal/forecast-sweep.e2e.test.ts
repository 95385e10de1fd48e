import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { loadEngine, loadExperiment, UserError } from '@dualprior/core';
import '../index.ts';
import { describeSweepForecast, toSweepPlan } from '../cli/sweep-plan-text.ts';
import type { Console } from '../console/console.ts';
import { openStore } from '../experiment/session.ts';
import { forecastSweep } from './forecast-sweep.ts';
import { stepKey } from './forecast-sweep.ts';

jest.setTimeout(240_000);

const SMOKE = resolve(import.meta.dirname, '../../../experiments/dual-prior-smoke.yaml');
const WITHOUT = ['stages.invert=null', 'stages.fuse=null', 'methods.Ours=null', 'methods.Inverted=null'];

const lines: string[] = [];
const say = (line: string) => void lines.push(line);
const console = { info: say, heading: say, warn: say } as unknown as Console;
const { signal } = new AbortController();

beforeAll(() => void loadEngine());

test('a stage that several experiments have counts once, and a step that is the same is measured once', async () => {
  const store = join(mkdtempSync(join(tmpdir(), 'forecast-')), 'store');
  const set = [`store=${store}`, ...WITHOUT, 'seeds=[0, 1]', 'launcher={type: local, processes: 2}'];
  const base = loadExperiment(SMOKE, { set });
  openStore(base).open(base.identity('stages', 'prior')).update({ complete: true, seconds: 3 });
  const from = { set, sweep: ['networks.regressor.width=4'], device: 'cpu', console, signal } as const;
  const found = await forecastSweep(SMOKE, from);
  const { stages, seconds, secondsSideBySide, processes } = found!;
  const names = ['seed-0', 'seed-1', 'width-4-seed-0', 'width-4-seed-1'].map((name) => `dual-prior-smoke-${name}`);
  expect(stages.map(({ name, action, experiments }) => [name, action, experiments])).toEqual([
    ['restore', 'train', [names[0]]],
    ['prior', 'reuse', names],
    ['restore', 'train', [names[1]]],
    ['restore', 'train', [names[2]]],
    ['restore', 'train', [names[3]]],
  ]);
  expect(lines.filter((line) => line.startsWith('Measuring'))).toEqual([expect.stringContaining('2 stages')]);
  const [wide, , wideAgain, slim] = stages.map(({ estimate }) => estimate?.secondsPerIteration);
  expect(wideAgain).toBe(wide);
  // Eight iterations each: of both seeds one after the other, or beside each other.
  expect(seconds).toBeCloseTo(2 * 8 * (wide! + slim!), 9);
  expect([processes, secondsSideBySide]).toEqual([2, expect.closeTo(8 * (wide! + slim!), 9)]);

  const text = describeSweepForecast(found!);
  expect(text).toContain('2 variants with 2 seeds, 5 stages (8 if none were shared)');
  expect(text).toMatch(/prior +[0-9a-f]{16} {2}reuse[^]*of all experiments/);
  expect(text).toContain('side by side (2 processes) about');
  const { graph } = toSweepPlan(found!) as {
    graph: { nodes: { id: string; state: string; variants: string[] }[]; edges: object[] };
  };
  expect(graph.nodes.map(({ state, variants }) => [state, variants.length])).toEqual([
    ['train', 1],
    ['reuse', 4],
    ['train', 1],
    ['train', 1],
    ['train', 1],
  ]);
  expect(graph.nodes[1]!.id).toBe(base.identity('stages', 'prior'));
  expect(graph.edges).toEqual([]);
});

test('a file that asks for one experiment is no sweep', async () => {
  await expect(forecastSweep(SMOKE, { set: [], device: 'cpu', console, signal })).resolves.toBeUndefined();
});

test('mistakes in variants are reported for all of them, before anything is measured', async () => {
  const sweep = ['networks.encoder.styleWidth=8,12'];
  const trial = forecastSweep(SMOKE, { set: [], sweep, device: 'cpu', console, signal });
  const error = await trial.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toContain('In "styleWidth=8":');
  expect((error as UserError).message).toContain('In "styleWidth=12":');
});

test('steps are the same where options, images and networks are, whatever trained these before', () => {
  const key = (stage: string, ...set: string[]) => stepKey(loadExperiment(SMOKE, { set }), stage);
  expect(key('fuse', 'seed=5')).toBe(key('fuse'));
  expect(key('fuse', 'stages.restore.iterations=9')).toBe(key('fuse'));
  expect(key('fuse', 'networks.fusion.width=12')).not.toBe(key('fuse'));
  expect(key('fuse', 'stages.fuse.batch.size=2')).not.toBe(key('fuse'));
  expect(key('fuse', 'data.train.size=32')).not.toBe(key('fuse'));
  expect(key('fuse', 'runtime.compile=false')).not.toBe(key('fuse'));
});
