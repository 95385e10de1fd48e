import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { once } from 'node:events';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { catalogue, loadEngine, Parameters, Random, writeSafetensors, type Component } from '@dualprior/core';
import type { Network } from '@dualprior/blocks';
import sharp from 'sharp';
import '../index.ts';
import type { RestoreResult } from '../restore/restore.ts';
import { SMALL_NETWORKS } from '../stages/testing/small-networks.ts';
import type { Model } from '../web/page/model.ts';

jest.setTimeout(240_000);

const RUN = resolve(import.meta.dirname, '../../../tools/run.mjs');

let folder: string;

beforeAll(async () => {
  loadEngine();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'restore-')));
  const options = { imageChannels: 3, depthwiseExpansion: 2, ffnExpansion: 2, ...SMALL_NETWORKS['nafnet'] };
  const network = new (catalogue.find('network', 'nafnet') as Component<Network>).create(options);
  const parameters = new Parameters(network, new Random(1), 'weights');
  writeSafetensors(join(folder, 'network.safetensors'), parameters.stateDict());
  mkdirSync(join(folder, 'photos', 'deep'), { recursive: true });
  const grey = { create: { width: 40, height: 30, channels: 3 as const, background: 'grey' } };
  await sharp(grey)
    .jpeg()
    .toFile(join(folder, 'photos', 'a.jpg'));
  await sharp(grey)
    .png()
    .toFile(join(folder, 'photos', 'deep', 'b.png'));
  await sharp({ create: { ...grey.create, width: 1, height: 1 } })
    .png()
    .toFile(join(folder, 'photos', 'dot.png'));
  await sharp({ create: { ...grey.create, width: 100_000, height: 2 } })
    .png()
    .toFile(join(folder, 'photos', 'wide.png'));
  writeFileSync(join(folder, 'photos', 'text.png'), 'some text');
});

function command(...parameters: string[]): string[] {
  return [RUN, 'restore', '--weights', join(folder, 'network.safetensors'), ...parameters];
}

function restore(...parameters: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, command(...parameters), { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('a folder: what can be restored is, the rest is reported; existing results stay', () => {
  const output = join(folder, 'out');
  const parameters = [join(folder, 'photos'), '--output', output, '--json', '--compare', '--tile', '1000'];
  const first = restore(...parameters);
  expect(first).toMatchObject({ status: 1 });
  const { files, page } = JSON.parse(first.stdout) as RestoreResult;
  expect(files.map(({ input, status }) => [input.slice(folder.length), status])).toEqual([
    ['/photos/a.jpg', 'restored'],
    ['/photos/deep/b.png', 'restored'],
    ['/photos/dot.png', 'restored'],
    ['/photos/text.png', 'failed'],
    ['/photos/wide.png', 'restored'],
  ]);
  expect(files[3]!.reason).toMatch(/not an image/);
  expect(files[4]!.course!.tiles).toBeGreaterThan(100);
  expect(readFileSync(page!, 'utf8')).toMatch(/^<!doctype html>[^]*data:image\/png;base64/);
  expect(existsSync(join(output, 'before-after', 'deep', 'b-png.jpg'))).toBe(true);

  const restored = join(output, 'deep', 'b.png');
  writeFileSync(restored, 'touched');
  const second = restore(join(folder, 'photos', 'deep'), join(folder, 'photos', 'a.jpg'), '--output', output);
  expect(second.status).toBe(0);
  const again = restore(...parameters.filter((each) => each !== '--compare'));
  expect(JSON.parse(again.stdout)).toMatchObject({
    files: [{ status: 'kept' }, { status: 'kept' }, { status: 'kept' }, { status: 'failed' }, { status: 'kept' }],
  });
  expect(readFileSync(restored, 'utf8')).toBe('touched');
  const alone = [join(folder, 'photos', 'deep', 'b.png'), '--output', join(output, 'deep'), '--compare'];
  const forced = restore(...alone, '--force', '--tile', '50000');
  expect(statSync(restored).size).toBeGreaterThan(20);
  const beside = join(output, 'deep', 'before-after', 'b-png.jpg');
  expect(forced.stdout).toContain(`Before and after  ${beside}\n`);
  expect(existsSync(beside)).toBe(true);
});

/** Photographs that take seconds together. */
const MANY = 60;

test('an interruption leaves whole files only, and the same command continues', async () => {
  const many = join(folder, 'many');
  mkdirSync(many);
  const photo = { create: { width: 240, height: 180, channels: 3 as const, background: 'grey' } };
  for (let i = 0; i < MANY; i++)
    await sharp(photo)
      .png()
      .toFile(join(many, `${i}.png`));
  const output = join(folder, 'interrupted');
  const running = spawn(process.execPath, command(many, '--output', output), { stdio: 'ignore' });
  while (!existsSync(output) || readdirSync(output).length < 2) await new Promise((done) => setTimeout(done, 20));
  running.kill('SIGINT');
  const [code] = (await once(running, 'exit')) as [number];
  expect(code).toBe(130);
  const done = readdirSync(output);
  expect(done.length).toBeLessThan(MANY);
  for (const name of done) expect((await sharp(join(output, name)).stats()).channels[0]!.mean).toBeGreaterThan(0);
  const second = restore(many, '--output', output, '--json');
  expect(second.status).toBe(0);
  const { files } = JSON.parse(second.stdout) as RestoreResult;
  expect(files.filter(({ status }) => status === 'kept')).toHaveLength(done.length);
  expect(readdirSync(output)).toHaveLength(MANY);
});

test('a method of a run, and the page that its report leads to', () => {
  const run = join(folder, 'run');
  const set = ['stages.nafnet.iterations=2', 'stages.nafnet.validation=null', `store=${join(folder, 'store')}`];
  const smoke = resolve(RUN, '../../experiments/smoke.yaml');
  const experiment = [RUN, 'experiment', smoke, '--run-dir', run, ...set.flatMap((each) => ['--set', each])];
  expect(spawnSync(process.execPath, experiment, { encoding: 'utf8' })).toMatchObject({ status: 0 });
  const of = (...parameters: string[]) => {
    const all = [RUN, 'restore', join(folder, 'photos', 'a.jpg'), '--run', run, ...parameters];
    return spawnSync(process.execPath, [...all, '--output', join(folder, 'by-run')], { encoding: 'utf8' });
  };
  expect(of()).toMatchObject({ status: 2, stderr: expect.stringMatching(/has several methods.* --method: .*NAFNet/) });
  expect(of('--method', 'NAFnet')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/did you mean "NAFNet"\?/),
  });
  expect(of('--method', 'NAFNet')).toMatchObject({ status: 0 });
  expect(existsSync(join(folder, 'by-run', 'a.jpg'))).toBe(true);

  const report = spawnSync(process.execPath, [RUN, 'report', run, '--demo'], { encoding: 'utf8' });
  expect(report).toMatchObject({ status: 0 });
  expect(readFileSync(join(run, 'report.html'), 'utf8')).toContain('href="demo/index.html"');
  const { methods, networks } = JSON.parse(readFileSync(join(run, 'demo', 'model.json'), 'utf8')) as Model;
  expect(methods.map(({ name }) => name)).toContain('NAFNet');
  const { file, bytes } = networks['nafnet.nafnet']!.weights;
  expect(statSync(join(run, 'demo', file)).size).toBe(bytes);
  expect(existsSync(join(run, 'demo', 'samples', '1.png'))).toBe(true);
});

test.each([
  [['photos/a.jpg'], '/proc/nowhere', [], /The folder \/proc\/nowhere cannot be made/],
  [['photos/none.jpg'], 'o', [], /none\.jpg does not exist/],
  [['photos/a.jpg'], 'o', ['--method', 'NAFNet'], /--method names a method of a run/],
  [['photos/a.jpg'], 'o', ['--run', 'photos'], /--run and --weights exclude each other: give one of them/],
  [['photos/a.jpg'], 'o', ['--memory', 'much'], /--memory is "much", but must be a size/],
  [['photos/a.jpg'], 'o', ['--tile', '8'], /--tile is 8, but .* takes tiles of 16 pixels a side or more/],
])('%j to %s %j: exit code 2 and no stack', (inputs, output, more, message) => {
  const paths = inputs.map((input) => join(folder, input));
  const { status, stderr } = restore(...paths, '--output', resolve(folder, output), ...more);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^ {4}at /m);
  expect(status).toBe(2);
});
