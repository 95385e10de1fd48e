import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal, sourceTags } from '@dualprior/core';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { BackgroundDelivery } from './background-delivery.ts';
import { findLocalServer, startLocalServer, stopLocalServer } from './local-server.ts';
import { pushRun } from './push.ts';
import { RealMlflow, tagsOf as tags, until } from './testing/real-mlflow.ts';

/** A run delivered to a real MLflow server, which is killed in the middle of it; read back by MLflow's own interface. */

const STEPS = 2500;
const KILLED_AFTER = 1200;

let root: string;
let mlflow: RealMlflow;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'real-mlflow-'));
  mlflow = new RealMlflow(join(root, 'server data'));
  await mlflow.start();
}, 600_000);

afterAll(async () => {
  await mlflow.stop();
  rmSync(root, { recursive: true, force: true });
});

const run = (path: string) => mlflow.run('real', path);
const points = async (key: string, path = '/stages/restore') => mlflow.points(await run(path), key);
const directory = () => join(root, 'run');
const stageFile = () => join(directory(), 'stages', 'restore', 'journal.jsonl');

describe('a real MLflow server', () => {
  test('gets everything exactly once, though it is killed in the middle', async () => {
    const journal = Journal.open(join(directory(), 'journal.jsonl'));
    const console = { info: () => {}, warn: () => {} };
    const delivery = new BackgroundDelivery({
      directory: directory(),
      experiment: 'real',
      run: 'trial',
      findServer: () => Promise.resolve({ uri: mlflow.uri }),
      console,
      interval: 0.05,
    });
    journal.start('trial');
    journal.params({ seed: 0, data: { train: { size: 64 } }, long: 'x'.repeat(7000), empty: '' });
    for (const [key, value] of Object.entries(await sourceTags(join(process.cwd(), 'package.json'))))
      journal.tag(key, value);
    await delivery.start();
    delivery.follow({ file: stageFile(), at: ['stages', 'restore'], name: 'restore' });

    const stage = Journal.open(stageFile(), { position: 0 });
    stage.start('restore');
    for (let step = 1; step <= KILLED_AFTER; step++) writeStep(stage, step);
    const checkpoint = stage.position;
    for (let step = KILLED_AFTER + 1; step <= KILLED_AFTER + 100; step++) writeStep(stage, step);
    await until(async () => (await points('loss')).length === KILLED_AFTER + 100);
    await mlflow.kill();

    const again = Journal.open(stageFile(), { position: checkpoint });
    for (let step = KILLED_AFTER + 1; step <= STEPS; step++) writeStep(again, step);
    again.metric('gradient_norm', Infinity, STEPS);
    writeFileSync(join(directory(), 'stages', 'restore', 'last.safetensors'), 'weights');
    again.model({
      id: '0a',
      name: 'restore',
      file: join(directory(), 'stages', 'restore', 'last.safetensors'),
      chosen: '',
    });
    again.end('FINISHED');
    await writeMethod(journal);
    journal.tag('note', '| method | psnr |\n|---|---|\n| NAFNet | **27.10** |');
    journal.end('FINISHED');
    const outcome = await delivery.finish(20);
    expect(outcome.complete).toBe(false);
    expect(outcome.missing).toBeGreaterThan(2 * (STEPS - KILLED_AFTER - 100));

    await mlflow.start();
    const log = () => {};
    expect((await pushRun(directory(), { uri: mlflow.uri, log })).notes).toEqual([]);
    expect((await pushRun(directory(), { uri: mlflow.uri, log })).records).toBe(0);
  }, 80_000);

  test('shows the tree of runs', async () => {
    const [parent, stage, method] = await Promise.all([run('/'), run('/stages/restore'), run('/methods/NAFNet')]);
    expect([parent, stage, method].map(({ info }) => info.status)).toEqual(['FINISHED', 'FINISHED', 'FINISHED']);
    expect(tags(stage)['mlflow.parentRunId']).toBe(parent.info.run_id);
    expect(tags(method)['mlflow.parentRunId']).toBe(parent.info.run_id);
    expect(tags(stage)['mlflow.runName']).toBe('restore');
    expect(tags(parent)['mlflow.note.content']).toMatch(/\*\*27\.10\*\*/);
    expect(tags(parent)['mlflow.source.git.commit']).toMatch(/^[0-9a-f]{40}$/);
    expect(tags(parent)['mlflow.source.git.dirty']).toMatch(/^(true|false)$/);
    expect(tags(parent)['mlflow.source.name']).toMatch(/package\.json$/);
    expect(tags(stage)['nonfinite.gradient_norm']).toBe(`step ${STEPS}: Infinity`);
    const params = Object.fromEntries((parent.data?.params ?? []).map(({ key, value }) => [key, value]));
    expect(params).toMatchObject({ seed: '0', 'data.train.size': '64', empty: '' });
    expect(params['long']).toHaveLength(6000);
  });

  test('has every point of every curve once, with its value and time', async () => {
    const expected = Array.from({ length: STEPS }, (_, i) => ({ step: i + 1, value: 1 / (i + 1) }));
    const loss = await points('loss');
    expect(loss.map(({ step, value }) => ({ step, value }))).toEqual(expected);
    expect(loss.every(({ timestamp }) => Math.abs(Date.now() - timestamp) < 300_000)).toBe(true);
    expect(await points('learning rate/regressor')).toHaveLength(STEPS);
    expect(await points('psnr', '/methods/NAFNet')).toMatchObject([{ step: 0, value: 27.1 }]);
  });

  test('has what was measured with the networks that it is of, though their stage is long', async () => {
    const [model, ...others] = await mlflow.models('real');
    expect(others).toEqual([]);
    const [stage, method] = await Promise.all([run('/stages/restore'), run('/methods/NAFNet')]);
    expect(model!.info).toMatchObject({
      name: 'restore',
      status: 'LOGGED_MODEL_READY',
      source_run_id: stage.info.run_id,
    });
    expect(model!.data.metrics).toMatchObject([
      { key: 'psnr', value: 27.1, run_id: method.info.run_id, dataset_name: 'test' },
    ]);
  });

  test('keeps artifacts and images', async () => {
    const method = await run('/methods/NAFNet');
    expect(await mlflow.list(method)).toEqual(['images', 'tables']);
    const images = await mlflow.list(method, 'images');
    expect(images).toHaveLength(4);
    expect(
      images.filter((path) => /^images\/faces\+step\+[12]\+timestamp\+\d+\+[0-9a-f-]+\.png$/.test(path)),
    ).toHaveLength(2);
    const png = await mlflow.download(
      method,
      images.find((path) => path.endsWith('.png'))!,
    );
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 64 });
    expect((await mlflow.download(method, 'tables/ärger & co.csv')).toString()).toBe('method,psnr\nNAFNet,27.1\n');
  });

  test('is found by its record, and by nothing once it is stopped', async () => {
    const { data, server } = mlflow;
    const { port } = new URL(server.uri);
    expect(await findLocalServer(data)).toEqual(server);
    await expect(
      startLocalServer({ log: () => {}, data: join(root, 'other'), port: Number(port) }, true),
    ).rejects.toThrow(/Port \d+ is taken/);
    expect((await stopLocalServer(data))?.pid).toBe(server.pid);
    expect(await findLocalServer(data)).toBeUndefined();
    expect(await stopLocalServer(data)).toBeUndefined();
  }, 20_000);
});

function writeStep(journal: Journal, step: number): void {
  journal.metric('loss', 1 / step, step);
  journal.metric('learning rate/regressor', 1e-3, step);
}

async function writeMethod(journal: Journal): Promise<void> {
  const method = journal.of('methods', 'NAFNet');
  const folder = join(directory(), 'evaluation');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'metrics.csv'), 'method,psnr\nNAFNet,27.1\n');
  method.start('NAFNet');
  method.dataset({ name: 'test', digest: '0b', role: 'test', source: '/images', options: '{}' });
  method.metric('psnr', 27.1, 0, '0a');
  method.artifact('tables/ärger & co.csv', join(folder, 'metrics.csv'));
  for (const step of [1, 2]) {
    const file = join(folder, `${step}.png`);
    const background = { r: 100 * step, g: 50, b: 50 };
    await sharp({ create: { width: 64, height: 64, channels: 3, background } }).toFile(file);
    method.image('faces', file, step);
  }
  method.end('FINISHED');
}
