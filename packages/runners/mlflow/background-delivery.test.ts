import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Journal, spelled, takeLock } from '@dualprior/core';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import sharp from 'sharp';
import { stageJournal } from '../store/stage-journal.ts';
import { BackgroundDelivery } from './background-delivery.ts';
import { pushRun } from './push.ts';
import { FakeMlflow } from './testing/fake-mlflow.ts';
import type { Fault } from './testing/fault.ts';

jest.setTimeout(60_000);

let folder: string;
let server: FakeMlflow;
const warnings: string[] = [];
const console = { info: (line: string) => void warnings.push(line), warn: (line: string) => void warnings.push(line) };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mlflow-'));
  server = new FakeMlflow();
  await server.start();
  warnings.length = 0;
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const runJournal = (position?: number) =>
  Journal.open(join(folder, 'journal.jsonl'), position === undefined ? {} : { position });
const stageFile = () => join(folder, 'stages', 'restore', 'journal.jsonl');
const stage = { file: '', at: ['stages', 'restore'], name: 'restore' };

/** How often a server was looked for: each try begins with it. */
let tries = 0;

function delivery(uri = server.uri): BackgroundDelivery {
  return new BackgroundDelivery({
    directory: folder,
    experiment: 'trial',
    run: 'trial',
    findServer: () => {
      tries++;
      return Promise.resolve({ uri });
    },
    console,
    interval: 0.02,
    firstPause: 0.02,
  });
}

/** A run with a stage of so many steps; the stage's journal from its beginning. */
function writeRun(steps: number): void {
  const journal = runJournal();
  journal.start('trial');
  journal.params({ seed: 0, data: { size: 64 } });
  journal.tag('note', '| method | psnr |');
  journal.end('FINISHED');
  journal.close();
  const training = Journal.open(stageFile(), { position: 0 });
  training.start('whatever');
  for (let step = 1; step <= steps; step++) training.metric('loss', 1 / step, step);
  training.end('FINISHED');
  training.close();
}

async function deliverAll(seconds = 20) {
  const background = delivery();
  background.follow({ ...stage, file: stageFile() });
  await background.start();
  return { background, outcome: await background.finish(seconds) };
}

/** A linear congruential generator: the same faults in each test run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

const steps = () => server.run('/stages/restore').metrics.map(({ step }) => step);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('delivery in the background', () => {
  test('delivers a run as a tree of runs', async () => {
    writeRun(2500);
    const { background, outcome } = await deliverAll();
    expect(outcome).toEqual({
      complete: true,
      missing: 0,
      problem: null,
      remedy: `\`${spelled(`mlflow push ${folder}`)}\``,
      notes: [],
    });
    const parent = server.run('/');
    expect(parent).toMatchObject({ name: 'trial', status: 'FINISHED' });
    expect(Object.fromEntries(parent.params)).toEqual({ seed: '0', 'data.size': '64' });
    expect(parent.tags.get('mlflow.note.content')).toBe('| method | psnr |');
    const child = server.run('/stages/restore');
    expect(child).toMatchObject({ name: 'restore', status: 'FINISHED' });
    expect(child.tags.get('mlflow.parentRunId')).toBe(parent.id);
    expect(steps()).toEqual(upTo(2500));
    expect(background.address).toEqual({
      uri: server.uri,
      experimentId: '1',
      runId: parent.id,
      page: `${server.uri}/#/experiments/1/runs/${parent.id}?workflowType=machine_learning`,
    });
    expect(server.requests.filter(({ path }) => path.endsWith('log-batch')).length).toBeLessThanOrEqual(6);
    expect(warnings).toEqual([]);
  });

  test('follows journals while they are written', async () => {
    const journal = runJournal();
    journal.start('trial');
    const background = delivery();
    await background.start();
    expect(background.address?.runId).toBe(server.run('/').id);
    const training = Journal.open(stageFile());
    background.follow({ ...stage, file: stageFile() });
    for (let step = 1; step <= 20; step++) {
      training.metric('loss', step, step);
      await sleep(10);
    }
    for (let i = 0; i < 100 && server.runs.size < 2; i++) await sleep(10);
    expect(steps().length).toBeGreaterThan(0);
    training.metric('loss', 21, 21);
    training.end('FINISHED');
    journal.end('FINISHED');
    expect(await background.finish(10)).toMatchObject({ complete: true });
    expect(steps()).toEqual(upTo(21));
    expect(server.run('/').status).toBe('FINISHED');
  });

  test('sends nothing twice when answers are lost, servers are busy and connections break', async () => {
    writeRun(3000);
    for (let step = 1; step <= 20; step++) runJournal().of('methods', `m${step}`).metric('psnr', step, 0);
    const random = numbers(1);
    const faults: Fault[] = ['cut', 'cut after', { status: 429, headers: { 'Retry-After': '0' } }, { status: 503 }];
    const met = new Set<Fault>();
    server.fault = () => {
      const fault = random() < 0.4 ? faults[Math.floor(random() * faults.length)] : undefined;
      met.add(fault);
      return fault;
    };
    const { outcome } = await deliverAll(50);
    expect(outcome).toMatchObject({ complete: true, missing: 0 });
    expect(met.size).toBe(1 + new Set(faults).size);
    expect(server.run('/methods/m20').metrics).toHaveLength(1);
    expect(steps()).toEqual(upTo(3000));
    expect(server.runs.size).toBe(22);
    expect([...server.runs.values()].reduce((sum, { metrics }) => sum + metrics.length, 0)).toBe(3020);
  });

  test('waits as long as a busy server asks for', async () => {
    writeRun(10);
    const times: number[] = [];
    server.fault = ({ path }) => {
      if (!path.endsWith('log-batch')) return undefined;
      times.push(performance.now());
      return times.length === 1 ? { status: 429, headers: { 'Retry-After': '1' } } : undefined;
    };
    expect((await deliverAll()).outcome.complete).toBe(true);
    expect(times[1]! - times[0]!).toBeGreaterThan(950);
  });

  test('tells once that the server is gone, and continues when it is back', async () => {
    const journal = runJournal();
    journal.start('trial');
    const background = delivery();
    await background.start();
    while (server.runs.size === 0) await sleep(10);
    await server.stop();
    for (let step = 1; step <= 10; step++) journal.metric('loss', step, step);
    for (let i = 0; i < 500 && warnings.length === 0; i++) await sleep(10);
    await sleep(300); // for many more tries
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/does not answer.*no server runs there.*The run continues/);
    await server.start();
    for (let i = 0; i < 400 && warnings.length < 2; i++) await sleep(20);
    expect(warnings[1]).toMatch(/answers; logging continues there/);
    expect((await background.finish(10)).complete).toBe(true);
    expect(server.run('/').metrics).toHaveLength(10);
  });

  test('gives up soon at the end when nobody is there, counts what is missing, and a push delivers it', async () => {
    writeRun(50);
    await server.stop();
    const before = tries;
    const { outcome } = await deliverAll(60);
    expect(tries - before).toBeLessThan(6);
    expect(outcome).toMatchObject({ complete: false, missing: 5 + 52 });
    expect(outcome.problem).toMatch(/connection refused/);
    await server.start();
    const log = () => {};
    expect((await pushRun(folder, { uri: server.uri, log })).records).toBe(57);
    expect(steps()).toEqual(upTo(50));
    expect([...server.experiments.keys()]).toEqual(['trial']);
    const writes = () => server.requests.filter(({ path }) => /log-batch|create|update|PUT/.test(path)).length;
    const written = writes();
    expect((await pushRun(folder, { uri: server.uri, log })).records).toBe(0);
    expect(writes()).toBe(written);
  });

  test('sends nothing twice when its own record of what was sent is lost', async () => {
    writeRun(1500);
    await deliverAll();
    const state = JSON.parse(readFileSync(join(folder, 'mlflow.json'), 'utf8')) as { id: string };
    writeFileSync(join(folder, 'mlflow.json'), JSON.stringify({ id: state.id }));
    expect((await deliverAll()).outcome.complete).toBe(true);
    expect(steps()).toEqual(upTo(1500));
    expect(server.runs.size).toBe(2);
  });

  test('continues after a kill: the stage is cut back to its checkpoint and done again', async () => {
    const training = Journal.open(stageFile(), { position: 0 });
    training.start('restore');
    for (let step = 1; step <= 60; step++) training.metric('loss', 1 / step, step);
    const checkpoint = training.position;
    for (let step = 61; step <= 80; step++) training.metric('loss', 1 / step, step);
    training.end('KILLED');
    training.close();
    const journal = runJournal();
    journal.start('trial');
    journal.end('KILLED');
    await deliverAll();
    expect(server.run('/stages/restore').status).toBe('KILLED');

    journal.start('trial');
    const again = Journal.open(stageFile(), { position: checkpoint });
    for (let step = 61; step <= 100; step++) again.metric('loss', 1 / step, step);
    const background = delivery();
    background.follow({ ...stage, file: stageFile() });
    await background.start();
    for (let i = 0; i < 200 && steps().length < 100; i++) await sleep(10);
    expect(server.run('/stages/restore').status).toBe('RUNNING');
    again.end('FINISHED');
    journal.end('FINISHED');
    expect((await background.finish(10)).complete).toBe(true);
    expect(steps()).toEqual(upTo(100));
    expect(server.run('/stages/restore').status).toBe('FINISHED');
    expect(server.run('/').status).toBe('FINISHED');
  });

  test('a stage that was trained from other images is another run of the same name', async () => {
    const link = join(folder, 'stages', 'restore');
    mkdirSync(join(folder, 'stages'));
    for (const [hash, loss] of [
      ['0123456789abcdef', 0.5],
      ['fedcba9876543210', 0.25],
    ] as const) {
      const training = Journal.open(join(folder, 'store', hash, 'journal.jsonl'), { position: 0 });
      training.metric('loss', loss, 1);
      training.end('FINISHED');
      training.close();
      rmSync(link, { force: true });
      symlinkSync(join('..', 'store', hash), link);
      const background = delivery();
      background.follow(stageJournal(folder, 'restore'));
      await background.start();
      expect((await background.finish(10)).complete).toBe(true);
      const child = server.run(`/stages/restore@${hash}`);
      expect(child.name).toBe('restore');
      expect(child.metrics.map(({ value }) => value)).toEqual([loss]);
    }
    expect(server.runs.size).toBe(3);
    runJournal().close();
    expect((await pushRun(folder, { uri: server.uri, log: () => {} })).records).toBe(0);
  });

  test('a value measured again is delivered, the same one is not', async () => {
    const journal = runJournal();
    const method = journal.of('methods', 'NAFNet');
    method.metric('psnr', 27, 0);
    await deliverAll();
    method.metric('psnr', 27, 0);
    method.metric('psnr', 28, 0);
    await deliverAll();
    expect(server.run('/methods/NAFNet').metrics.map(({ value }) => value)).toEqual([27, 28]);
  });

  test('delivers artifacts and images, the latter as the image grid wants them, and once a step', async () => {
    const file = join(folder, 'samples', 'a.webp');
    const table = join(folder, 'results.csv');
    const journal = runJournal();
    rmSync(join(folder, 'samples'), { recursive: true, force: true });
    writeFileSync(table, 'method,psnr\n');
    await sharp({ create: { width: 600, height: 300, channels: 3, background: 'red' } }).toFile(join(folder, 'a.webp'));
    journal.image('samples/faces', join(folder, 'a.webp'), 5);
    journal.artifact('tables/results.csv', table);
    journal.artifact('gone.csv', file);
    const { outcome } = await deliverAll();
    expect(outcome.complete).toBe(true);
    expect(outcome.notes).toHaveLength(1);
    expect(outcome.notes[0]).toMatch(/a\.webp was not delivered: there is no such file\.$/);
    const run = server.run('/');
    expect(run.tags.get('mlflow.loggedImages')).toBe('true');
    expect(run.artifacts.get('tables/results.csv')?.toString()).toBe('method,psnr\n');
    const images = [...run.artifacts.keys()].filter((path) => path.startsWith('images/'));
    expect(images).toHaveLength(2);
    expect(images[0]).toMatch(/^images\/samples_faces\+step\+5\+timestamp\+\d+\+[0-9a-f-]{36}\.png$/);
    expect(images[1]).toBe(images[0]!.replace('.png', '+compressed.webp'));
    expect((await sharp(run.artifacts.get(images[0]!)).metadata()).format).toBe('png');
    expect(await sharp(run.artifacts.get(images[1]!)).metadata()).toMatchObject({
      format: 'webp',
      width: 256,
      height: 128,
    });
    journal.image('samples/faces', join(folder, 'a.webp'), 5);
    await deliverAll();
    expect([...run.artifacts.keys()].filter((path) => path.startsWith('images/'))).toEqual(images);
  });

  test('says that artifacts stay where they are when the server does not take them', async () => {
    server.artifactRoot = () => 's3://bucket/1/run/artifacts';
    const journal = runJournal();
    journal.artifact('a', join(folder, 'journal.jsonl'));
    journal.metric('loss', 1, 1);
    const { outcome } = await deliverAll();
    expect(outcome.complete).toBe(true);
    expect(outcome.notes[0]).toMatch(/stay in the run directory.*s3:\/\/bucket/);
    expect(server.run('/').metrics).toHaveLength(1);
  });

  test('values that MLflow cannot hold do not hold up others', async () => {
    server.refusedKeys.add('cursed');
    const journal = runJournal();
    for (let step = 1; step <= 50; step++) journal.metric(step === 25 ? 'cursed' : 'fine', step, step);
    journal.metric('loss', NaN, 51);
    journal.metric('loss', -Infinity, 52);
    journal.param('long', 'x'.repeat(7000));
    journal.param('twice', 1);
    journal.param('twice', 2);
    const { outcome } = await deliverAll();
    const run = server.run('/');
    expect(run.metrics).toHaveLength(49);
    expect(run.tags.get('nonfinite.loss')).toBe('step 52: -Infinity');
    expect(run.params.get('long')).toMatch(/^x{5000,}.*cut/);
    expect(run.params.get('twice')).toBe('1');
    expect(outcome.complete).toBe(true);
    expect(outcome.notes.join()).toMatch(/"cursed" was not accepted/);
  });

  test('starts over when the runs were deleted on the server', async () => {
    writeRun(20);
    await deliverAll();
    for (const run of server.runs.values()) run.deleted = true;
    const training = Journal.open(stageFile());
    training.metric('loss', 0, 21);
    expect((await deliverAll()).outcome.complete).toBe(true);
    expect(steps()).toEqual(upTo(21));
    expect(server.runs.size).toBe(4);
  });

  test.each([
    ['a web page', { status: 200, body: '<html></html>' }, /web page: it is not an MLflow server/],
    ['another server', { status: 404, body: 'not here' }, /HTTP 404: it is not an MLflow server/],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere/' } }, /sends on to https:\/\/elsewhere\//],
    ['a closed door', { status: 401 }, /denies access.*MLFLOW_TRACKING_USERNAME/],
    [
      'some other JSON',
      { status: 200, headers: { 'content-type': 'application/json' }, body: '{"ok":true}' },
      /does not answer as an MLflow/,
    ],
  ])('warns early of %s and lets the run continue', async (_, fault, message) => {
    server.fault = () => fault;
    writeRun(3);
    const background = delivery();
    await background.start();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(message);
    expect(await background.finish(20)).toMatchObject({ complete: false, problem: expect.stringMatching(message) });
    await expect(pushRun(folder, { uri: server.uri, log: () => {} })).rejects.toThrow(message);
  });

  test('names a wrong scheme', async () => {
    writeRun(1);
    const background = delivery(server.uri.replace('http', 'https'));
    await background.start();
    expect(warnings[0]).toMatch(/does not speak https/);
    await background.finish(5);
  });

  test('a deleted experiment is named, not revived', async () => {
    server.experiments.set('trial', { id: '1', deleted: true });
    writeRun(1);
    const { outcome } = await deliverAll(5);
    expect(outcome.problem).toMatch(/"trial" was deleted/);
  });

  test('two processes do not deliver one run at a time', async () => {
    writeRun(1);
    const lock = takeLock(join(folder, 'mlflow.lock'));
    const background = delivery();
    await background.start();
    expect(await background.finish(5)).toMatchObject({
      complete: false,
      problem: expect.stringMatching(/is delivering this run to MLflow already/),
    });
    await expect(pushRun(folder, { uri: server.uri, log: () => {} })).rejects.toThrow(/is being delivered/);
    if ('release' in lock) lock.release();
    expect((await pushRun(folder, { uri: server.uri, log: () => {} })).records).toBe(8);
  });
});

describe('push', () => {
  test('ends runs whose process was killed', async () => {
    const journal = runJournal();
    journal.start('trial');
    journal.metric('loss', 1, 1);
    await pushRun(folder, { uri: server.uri, log: () => {} });
    expect(server.run('/').status).toBe('KILLED');
  });

  test('uses what the run says about tracking', async () => {
    writeRun(1);
    writeFileSync(
      join(folder, 'experiment.yaml'),
      `name: a\ntracking: {type: mlflow, uri: "${server.uri}/", experiment: b}\n`,
    );
    await pushRun(folder, { log: () => {} });
    expect([...server.experiments.keys()]).toEqual(['b']);
    expect(server.run('/').name).toBe('trial');
  });

  test('refuses a folder that is no run, and an address that is none', async () => {
    await expect(pushRun(folder, { log: () => {} })).rejects.toThrow(/not a run directory/);
    writeRun(1);
    await expect(pushRun(folder, { uri: 'file:./mlruns', log: () => {} })).rejects.toThrow(
      /--uri: "file:.\/mlruns" is not the address/,
    );
  });
});
