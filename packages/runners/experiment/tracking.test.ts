import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { Container, Journal, loadExperiment, spelled, trackers, type Delivery, type Tracker } from '@dualprior/core';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import '../index.ts';
import { pushRun } from '../mlflow/push.ts';
import { FakeMlflow } from '../mlflow/testing/fake-mlflow.ts';
import { Tracking } from './tracking.ts';

jest.setTimeout(60_000);

/** A tracker that meets everything that the contract forbids. */
@trackers.component({
  type: 'broken',
  description: 'fails',
  options: Type.Object({ at: Type.Union([Type.Literal('start'), Type.Literal('finish')]) }),
})
export class Broken implements Tracker {
  readonly name = 'Broken';
  readonly address = null;

  constructor(private readonly options: { at: 'start' | 'finish' }) {}

  start(): Promise<void> {
    return this.options.at === 'start' ? Promise.reject(new Error('it broke')) : Promise.resolve();
  }

  follow(): void {
    if (this.options.at === 'start') throw new Error('it was not started');
  }

  finish(): Promise<Delivery> {
    return Promise.reject(new Error('it broke at the end'));
  }
}

let folder: string;
const said: string[] = [];
const console = { info: (line: string) => void said.push(line), warn: (line: string) => void said.push(line) };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracking-'));
  said.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function tracking(trackersOfFile: string): Tracking {
  const smoke = join(import.meta.dirname, '../../../experiments/smoke.yaml');
  writeFileSync(join(folder, 'a.yaml'), `extends: ${smoke}\nname: trial\ntracking: ${trackersOfFile}\n`);
  const experiment = loadExperiment(join(folder, 'a.yaml'));
  return new Tracking(experiment, new Container(experiment), console);
}

/** Follows a run and its stage to the end. */
async function track(trackersOfFile: string) {
  const directory = join(folder, 'run');
  mkdirSync(join(directory, 'stages', 'restore'), { recursive: true });
  const journal = Journal.open(join(directory, 'journal.jsonl'));
  const tracked = tracking(trackersOfFile);
  journal.start('trial');
  journal.params({ seed: 0 });
  await tracked.start({ directory, name: 'trial' });
  const stage = Journal.open(join(directory, 'stages', 'restore', 'journal.jsonl'));
  tracked.follow({ file: stage.file, at: ['stages', 'restore'], name: 'restore' });
  stage.start('restore');
  for (let step = 1; step <= 100; step++) stage.metric('loss', 1 / step, step);
  journal.end('FINISHED');
  const outcome = await tracked.finish(10);
  return Object.fromEntries(outcome.map((each) => [each.type, each]));
}

const eventFiles = (run: string) =>
  readdirSync(join(folder, 'run', 'tensorboard', run)).filter((name) => name.includes('tfevents'));

test('where one server is away, the other tracker continues, and nothing is lost', async () => {
  const server = new FakeMlflow();
  await server.start();
  const { uri } = server;
  await server.stop();
  const { mlflow, tensorboard } = await track(`[{type: mlflow, uri: "${uri}"}, {type: tensorboard}]`);
  expect(tensorboard!.delivery).toMatchObject({ complete: true, missing: 0 });
  expect(tensorboard!.address!.page).toBe(`tensorboard --logdir ${join(folder, 'run', 'tensorboard')}`);
  expect(eventFiles('stages/restore')).toHaveLength(1);
  expect(mlflow!.delivery).toMatchObject({ complete: false, missing: 104 });
  const remedy = `\`${spelled(`mlflow push ${join(folder, 'run')}`)}\``;
  expect(said.slice(0, 2).sort()).toEqual([
    `  TensorBoard ${tensorboard!.address!.page}`,
    expect.stringMatching(/^MLflow: .*The run continues; its journal keeps everything for later\.$/),
  ]);
  expect(said.slice(2)).toEqual([
    expect.stringMatching(/^104 records not in MLflow: /),
    `  Nothing is lost: ${remedy} delivers them later.`,
  ]);

  const later = new FakeMlflow();
  await later.start();
  writeFileSync(join(folder, 'run', 'experiment.yaml'), readFileSync(join(folder, 'a.yaml')));
  await pushRun(join(folder, 'run'), { uri: later.uri, log: () => {} });
  expect(later.run('/stages/restore').metrics).toHaveLength(100);
  await later.stop();
});

test('both get everything', async () => {
  const server = new FakeMlflow();
  await server.start();
  const outcome = await track(`[{type: tensorboard}, {type: mlflow, uri: "${server.uri}", experiment: both}]`);
  expect(Object.values(outcome).map(({ delivery }) => delivery.complete)).toEqual([true, true]);
  expect(server.run('/stages/restore').metrics).toHaveLength(100);
  expect(eventFiles('stages/restore')).toHaveLength(1);
  await server.stop();
});

test.each([
  ['start', 'Broken: it broke. The run continues without it.', 'it broke'],
  ['finish', undefined, 'it broke at the end'],
])('a tracker that fails at %s ends neither the run nor the other tracker', async (at, warning, problem) => {
  const { broken, tensorboard } = await track(`[{type: broken, at: ${at}}, {type: tensorboard}]`);
  expect(tensorboard!.delivery.complete).toBe(true);
  expect(broken!.delivery).toMatchObject({ complete: false, missing: null, problem });
  expect(said).toEqual(
    expect.arrayContaining([
      ...(warning === undefined ? [] : [warning]),
      `the run is not in Broken: ${problem}`,
      '  Nothing is lost: the same command, run again, delivers it later.',
    ]),
  );
});

test('a folder for the runs of several experiments', async () => {
  const { tensorboard } = await track(`{type: tensorboard, folder: "all runs"}`);
  expect(tensorboard!.address).toEqual({
    uri: join(folder, 'all runs', 'run'),
    page: `tensorboard --logdir '${join(folder, 'all runs')}'`,
    ids: {},
  });
  expect(readdirSync(join(folder, 'all runs', 'run')).sort()).toEqual([
    'delivery.json',
    expect.stringContaining('tfevents'),
    'stages',
  ]);
});

test('a run is kept out of the event files of another one, and continues', async () => {
  mkdirSync(join(folder, 'all', 'run'), { recursive: true });
  writeFileSync(join(folder, 'all', 'run', 'events.out.tfevents.1.host'), '');
  const { tensorboard } = await track('{type: tensorboard, folder: all}');
  expect(tensorboard!.delivery).toMatchObject({
    complete: false,
    problem: expect.stringContaining('has event files of another run'),
  });
});

test('--serve is an error where no tracker has a server', async () => {
  await expect(tracking('{type: tensorboard}').serve()).rejects.toThrow(
    '--serve has no server to start: this experiment has no tracker with one (tracking: tensorboard). ' +
      'To log it to MLflow, add `--set tracking.type=mlflow`.',
  );
});
