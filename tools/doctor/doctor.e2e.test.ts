import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { ROOT } from '../setup/places.mjs';
import { findings, type DoctorFinding } from './findings.mjs';

jest.setTimeout(60_000);

function doctor(parameters: string[], env: NodeJS.ProcessEnv = {}) {
  const options = { encoding: 'utf8', env: { ...process.env, ...env } } as const;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(ROOT, 'tools', 'doctor', 'doctor.mjs'), ...parameters],
    options,
  );
  return { stdout, stderr, status };
}

const named = (all: readonly DoctorFinding[], name: string) => all.find((finding) => finding.name === name);
const works = () => ({ description: 'CPU (2 cores)' });

test('says what TensorFlow computes on, and that it is ready to train', () => {
  const { stdout, status } = doctor([], { CUDA_VISIBLE_DEVICES: '-1' });
  expect(stdout).toContain(`CPU (${availableParallelism()} core`);
  expect(stdout).toMatch(new RegExp(`^ {2}Node +${process.version.replaceAll('.', '\\.')}$`, 'm'));
  expect(stdout).toMatch(/\nReady to train\.\n$/);
  expect(status).toBe(0);
});

test('without an engine no training runs; it says how to get one', () => {
  const cache = mkdtempSync(join(tmpdir(), 'cache-'));
  const { stdout, status } = doctor(['--json'], { DUALPRIOR_CACHE: cache });
  expect(status).toBe(1);
  const { ready, findings: all } = JSON.parse(stdout) as { ready: boolean; findings: DoctorFinding[] };
  expect(ready).toBe(false);
  expect(named(all, 'engine')).toMatchObject({ state: 'broken', get: 'npm run setup' });
  expect(named(all, 'MLflow')).toEqual({
    name: 'MLflow',
    found: 'not installed',
    state: 'missing',
    get: 'npm run setup -- --mlflow',
  });
  expect(all.filter(({ state }) => state === 'broken').map(({ name }) => name)).toEqual(['engine']);
});

test('tells why TensorFlow does not load, and what a GPU lacks', () => {
  const fails = named(findings({ device: () => ({ problem: 'libtensorflow.so: damaged' }) }), 'device');
  expect(fails).toMatchObject({ state: 'broken', found: 'libtensorflow.so: damaged' });
  const advice = 'the CUDA build is not set up.\n  Run `npm run setup -- --gpu`.';
  expect(named(findings({ device: () => ({ ...works(), advice }) }), 'GPU')).toMatchObject({
    state: 'missing',
    found: advice,
  });
});

test('a folder for runs that cannot be made is reported', () => {
  const env = { ...process.env, DUALPRIOR_HOME: '/proc/runs' };
  expect(named(findings({ env, device: works }), 'runs')).toMatchObject({ state: 'broken' });
});

test('an option that there is not is an error', () => {
  expect(doctor(['--jsno'])).toMatchObject({ status: 2, stderr: expect.stringContaining('--jsno') });
});
