import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '@dualprior/core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import sharp from 'sharp';
import { BackgroundDelivery } from './background-delivery.ts';
import { pushRun } from './push.ts';
import { busyEvery, busyForADay, FAULTS, FlakyProxy } from './testing/flaky-proxy.ts';
import { RealMlflow } from './testing/real-mlflow.ts';

/** Runs delivered to a real MLflow server through a proxy with the faults of real ones, and read back from the server itself. */

jest.setTimeout(60_000);

const POINTS = 1500;
const METHODS = 5;
const IMAGES = 2;
/** The table, and what the methods have. */
const FILES = 1 + METHODS * IMAGES;

let root: string;
let mlflow: RealMlflow;
let proxy: FlakyProxy;
let folder: string;
const lines: string[] = [];
const log = (line: string) => void lines.push(line);

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'flaky-mlflow-'));
  mlflow = new RealMlflow(join(root, 'server'));
  await mlflow.start();
}, 600_000);

afterAll(async () => {
  await mlflow.stop();
  rmSync(root, { recursive: true, force: true });
});

beforeEach(async () => {
  folder = mkdtempSync(join(root, 'run-'));
  lines.length = 0;
  proxy = new FlakyProxy(mlflow.uri);
  await Promise.all([proxy.start(), writeRun()]);
});

afterEach(() => proxy.stop());

const experiment = () => folder.slice(root.length + 1);
const allFiles = () => {
  const images = Array.from(
    { length: METHODS * IMAGES },
    (_, i) => `images/${Math.floor(i / IMAGES)}-${i % IMAGES}.png`,
  );
  return ['results.csv', ...images].map((name) => join(folder, name)).sort();
};

/** A run of many points, methods and images. */
async function writeRun(): Promise<void> {
  mkdirSync(join(folder, 'images'));
  writeFileSync(
    join(folder, 'experiment.yaml'),
    `name: trial\ntracking: {type: mlflow, experiment: ${experiment()}}\n`,
  );
  writeFileSync(join(folder, 'results.csv'), 'method,psnr\n');
  const background = { r: 100, g: 50, b: 50 };
  const png = await sharp({ create: { width: 16, height: 16, channels: 3, background } })
    .png()
    .toBuffer();
  const journal = Journal.open(join(folder, 'journal.jsonl'));
  journal.start('trial');
  journal.artifact('results.csv', join(folder, 'results.csv'));
  for (let m = 0; m < METHODS; m++) {
    const method = journal.of('methods', `m${m}`);
    method.start(`m${m}`);
    for (let i = 0; i < IMAGES; i++) {
      const file = join(folder, 'images', `${m}-${i}.png`);
      writeFileSync(file, png);
      method.image(`image-${i}`, file, 0);
    }
    method.metric('psnr', m, 0);
    method.end('FINISHED');
  }
  for (let step = 1; step <= POINTS; step++) journal.metric('loss', 1 / step, step);
  journal.end('FINISHED');
  journal.close();
}

/** All values are on the server, each once, and the runs have ended. */
async function expectAllValues(): Promise<void> {
  const run = await mlflow.run(experiment(), '/');
  expect(run.info.status).toBe('FINISHED');
  const points = await mlflow.points(run, 'loss');
  expect(points.map(({ step, value }) => [step, value])).toEqual(
    Array.from({ length: POINTS }, (_, i) => [i + 1, 1 / (i + 1)]),
  );
  for (let m = 0; m < METHODS; m++) {
    const method = await mlflow.run(experiment(), `/methods/m${m}`);
    expect(method.info.status).toBe('FINISHED');
    expect(await mlflow.points(method, 'psnr')).toMatchObject([{ step: 0, value: m }]);
  }
}

/** So are all files. */
async function expectAllFiles(): Promise<void> {
  expect(await mlflow.list(await mlflow.run(experiment(), '/'))).toEqual(['results.csv']);
  for (let m = 0; m < METHODS; m++) {
    const images = await mlflow.list(await mlflow.run(experiment(), `/methods/m${m}`), 'images');
    expect(images).toHaveLength(2 * IMAGES);
  }
}

async function deliverInBackground(seconds: number) {
  const delivery = new BackgroundDelivery({
    directory: folder,
    experiment: experiment(),
    run: 'trial',
    findServer: () => Promise.resolve({ uri: proxy.uri }),
    console: { info: log, warn: log },
    interval: 0.02,
    firstPause: 0.02,
  });
  await delivery.start();
  return delivery.finish(seconds);
}

const push = () => pushRun(folder, { uri: proxy.uri, log, firstPause: 0.01 });

/** A run whose values arrive and whose files do not. */
async function withoutFiles(fault: keyof typeof FAULTS, reason: RegExp, seconds: number): Promise<void> {
  proxy.faults = FAULTS[fault];
  const outcome = await deliverInBackground(seconds);
  expect(outcome).toMatchObject({ complete: false, missing: FILES, problem: expect.stringMatching(reason) });
  await expectAllValues();
}

async function expectThatAPushDeliversTheFiles(): Promise<void> {
  proxy.faults = () => undefined;
  expect(await push()).toMatchObject({ records: FILES, missing: [] });
  await expectAllFiles();
  expect(await push()).toMatchObject({ records: 0, missing: [] });
}

test.each([
  ['artifacts too large', /takes nothing so large \(HTTP 413\)/],
  ['artifacts broken', /is in trouble \(HTTP 500: no such bucket\)/],
] as const)('%s: the run ends with all values, and a later push delivers the files', async (fault, reason) => {
  await withoutFiles(fault, reason, 30);
  const told = lines.filter((line) => /results\.csv does not arrive|files do not arrive/.test(line));
  expect(told.length).toBeLessThan(2);
  const { missing, records } = await push();
  expect(records).toBe(0);
  expect(missing.map(({ file }) => file).sort()).toEqual(allFiles());
  for (const { reason: found } of missing) expect(found).toMatch(reason);
  await expectThatAPushDeliversTheFiles();
});

test('artifacts hanging: the run ends with all values, and a later push delivers the files', async () => {
  await withoutFiles('artifacts hanging', /took too long|there was no time for it/, 4);
  await expectThatAPushDeliversTheFiles();
});

test.each([
  ['busy now and then', busyEvery(4)],
  ['answers cut', FAULTS['answers cut']],
])('%s: a push gets all of it there', async (_, faults) => {
  proxy.faults = faults;
  expect(await push()).toMatchObject({ missing: [], notes: [] });
  expect(proxy.faulty).toBeGreaterThan(10);
  await expectAllValues();
  await expectAllFiles();
});

test.each([
  { count: 10, files: -1, left: Infinity },
  { count: 32, files: 2, left: FILES },
])(
  'busy for a day after $count requests: the push ends, and another delivers the rest',
  async ({ count, files, left }) => {
    proxy.faults = busyForADay(count);
    await expect(push()).rejects.toThrow(
      /HTTP 429\); it asks to be left alone for 24 h 00 min \(Retry-After\)\. What has arrived stays; the same command/,
    );
    expect(proxy.requests).toHaveLength(count + 1);
    const before = proxy.requests.filter(({ method }) => method === 'PUT').length;
    proxy.faults = () => undefined;
    const { records, missing } = await push();
    expect(missing).toEqual([]);
    expect(before).toBeGreaterThan(files);
    expect(records).toBeLessThan(left);
    await expectAllValues();
  },
);

test.each([
  ['captive portal', /web page/],
  ['redirect', /sends on to https:\/\/login\.example\/; give that one/],
] as const)('%s: it passes, and the push continues', async (fault, message) => {
  proxy.faults = FAULTS[fault];
  expect(await push()).toMatchObject({ missing: [], notes: [] });
  expect(lines.join('\n')).toMatch(message);
  expect(lines.join('\n')).not.toContain('secret');
  await expectAllValues();
});
