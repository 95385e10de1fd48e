import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal, sourceTags } from '@dualprior/core';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import axios from 'axios';
import sharp from 'sharp';
import { BackgroundDelivery } from './background-delivery.ts';
import { findLocalServer, startLocalServer, stopLocalServer, type LocalServer } from './local-server.ts';
import { pushRun } from './push.ts';
import type { RunDescription } from './server-run.ts';

/** A run delivered to a real MLflow server, which is killed in the middle of it; read back by MLflow's own interface. */

const STEPS = 2500;
const KILLED_AFTER = 1200;

let root: string;
let server: LocalServer;
let port: number;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'real-mlflow-'));
  port = await freePort();
  server = await start();
}, 600_000);

afterAll(async () => {
  await stopLocalServer(data());
  rmSync(root, { recursive: true, force: true });
});

const data = () => join(root, 'server data');
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
      findServer: () => Promise.resolve({ uri: server.uri }),
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
    process.kill(-server.pid, 'SIGKILL');
    await until(async () => (await findLocalServer(data())) === undefined);

    const again = Journal.open(stageFile(), { position: checkpoint });
    for (let step = KILLED_AFTER + 1; step <= STEPS; step++) writeStep(again, step);
    again.metric('gradient_norm', Infinity, STEPS);
    again.end('FINISHED');
    await writeMethod(journal);
    journal.tag('note', '| method | psnr |\n|---|---|\n| NAFNet | **27.10** |');
    journal.end('FINISHED');
    const outcome = await delivery.finish(20);
    expect(outcome.complete).toBe(false);
    expect(outcome.missing).toBeGreaterThan(2 * (STEPS - KILLED_AFTER - 100));

    server = await start();
    const log = () => {};
    expect((await pushRun(directory(), { uri: server.uri, log })).notes).toEqual([]);
    expect((await pushRun(directory(), { uri: server.uri, log })).records).toBe(0);
  }, 80_000);

  test('shows the tree of runs', async () => {
    const [parent, stage, method] = await Promise.all([run('/'), run('/stages/restore'), run('/methods/NAFNet')]);
    expect([parent, stage, method].map(({ info }) => info.status)).toEqual(['FINISHED', 'FINISHED', 'FINISHED']);
    expect(tags(stage)['mlflow.parentRunId']).toBe(parent.info.run_id);
    expect(tags(method)['mlflow.parentRunId']).toBe(parent.info.run_id);
    expect(tags(stage)['mlflow.runName']).toBe('restore');
    expect(tags(parent)['mlflow.note.content']).toMatch(/\*\*27\.10\*\*/);
    expect(tags(parent)['mlflow.source.git.commit']).toMatch(/^[0-9a-f]{40}$/);
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

  test('keeps artifacts and images', async () => {
    const id = (await run('/methods/NAFNet')).info.run_id;
    expect((await list(id, '')).sort()).toEqual(['images', 'tables']);
    const images = await list(id, 'images');
    expect(images).toHaveLength(4);
    expect(
      images.filter((path) => /^images\/faces\+step\+[12]\+timestamp\+\d+\+[0-9a-f-]+\.png$/.test(path)),
    ).toHaveLength(2);
    const png = await download(
      id,
      images.find((path) => path.endsWith('.png'))!,
    );
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 64 });
    expect((await download(id, 'tables/ärger & co.csv')).toString()).toBe('method,psnr\nNAFNet,27.1\n');
  });

  test('is found by its record, and by nothing once it is stopped', async () => {
    expect(await findLocalServer(data())).toEqual(server);
    await expect(startLocalServer({ log: () => {}, data: join(root, 'other'), port }, true)).rejects.toThrow(
      /Port \d+ is taken/,
    );
    expect((await stopLocalServer(data()))?.pid).toBe(server.pid);
    expect(await findLocalServer(data())).toBeUndefined();
    expect(await stopLocalServer(data())).toBeUndefined();
  }, 20_000);
});

async function start(): Promise<LocalServer> {
  const { server: started, child } = await startLocalServer({ log: () => {}, data: data(), port }, true);
  child.unref();
  return started;
}

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
  method.metric('psnr', 27.1, 0);
  method.artifact('tables/ärger & co.csv', join(folder, 'metrics.csv'));
  for (const step of [1, 2]) {
    const file = join(folder, `${step}.png`);
    const background = { r: 100 * step, g: 50, b: 50 };
    await sharp({ create: { width: 64, height: 64, channels: 3, background } }).toFile(file);
    method.image('faces', file, step);
  }
  method.end('FINISHED');
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await condition().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('It did not come to pass within 30 seconds.');
}

async function api<T>(path: string, params: object): Promise<T> {
  return (await axios.get<T>(`${server.uri}/api/2.0/mlflow/${path}`, { params })).data;
}

async function run(path: string): Promise<RunDescription> {
  const { experiment } = await api<{ experiment: { experiment_id: string } }>('experiments/get-by-name', {
    experiment_name: 'real',
  });
  const { data: found } = await axios.post<{ runs?: RunDescription[] }>(`${server.uri}/api/2.0/mlflow/runs/search`, {
    experiment_ids: [experiment.experiment_id],
    filter: `tags.\`dualprior.path\` = '${path}'`,
    run_view_type: 'ALL',
  });
  expect(found.runs).toHaveLength(1);
  return found.runs![0]!;
}

function tags({ data: values }: RunDescription): Record<string, string> {
  return Object.fromEntries((values?.tags ?? []).map(({ key, value }) => [key, value]));
}

/** All points of a metric, as they came. */
async function points(
  key: string,
  path = '/stages/restore',
): Promise<{ step: number; value: number; timestamp: number }[]> {
  const id = (await run(path)).info.run_id;
  const { metrics = [] } = await api<{ metrics?: { step: number; value: number; timestamp: number }[] }>(
    'metrics/get-history',
    {
      run_id: id,
      metric_key: key,
    },
  );
  return metrics.sort((a, b) => a.step - b.step);
}

async function list(id: string, path: string): Promise<string[]> {
  const { files = [] } = await api<{ files?: { path: string }[] }>('artifacts/list', {
    run_id: id,
    ...(path && { path }),
  });
  return files.map((file) => file.path);
}

async function download(id: string, path: string): Promise<Buffer> {
  const { data: content } = await axios.get<ArrayBuffer>(`${server.uri}/get-artifact`, {
    params: { run_uuid: id, path },
    responseType: 'arraybuffer',
  });
  return Buffer.from(content);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address() as AddressInfo;
      probe.close(() => resolve(free));
    });
  });
}
