import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { FakeMlflow } from '../mlflow/testing/fake-mlflow.ts';

/** Whatever a run leaves and prints is searched for the password of its MLflow server. */

jest.setTimeout(240_000);

const ROOT = resolve(import.meta.dirname, '../../..');
const PASSWORD = 'S3cret/pass%word';
const BASIC = Buffer.from(`ann:${PASSWORD}`).toString('base64');
/** In every form in which it travels, and its parts. */
const SECRETS = [BASIC, 'S3cret', 'pass%word', 'pass%25word'];

let folder: string;
let server: FakeMlflow;
let uri: string;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'secrets-')));
  server = new FakeMlflow();
  await server.start();
  uri = server.uri.replace('://', `://ann:${encodeURIComponent(PASSWORD)}@`);
  // It repeats what it was sent to whoever it does not let in.
  server.fault = ({ authorization = 'nothing' }) => {
    if (authorization === `Basic ${BASIC}`) return undefined;
    const sent = Buffer.from(authorization.slice('Basic '.length), 'base64').toString();
    const body = JSON.stringify({ error_code: 'DENIED', message: `${authorization}, that is ${sent}, is wrong` });
    return { status: 401, headers: { 'Content-Type': 'application/json' }, body };
  };
  const text = (address: string) =>
    `extends: ${join(ROOT, 'experiments/smoke.yaml')}\nname: secret\nstore: store\ntracking: {type: mlflow, uri: "${address}"}\n`;
  writeFileSync(join(folder, 'variable.yaml'), text('${env:TRACKING_URI}'));
  writeFileSync(join(folder, 'none.yaml'), text('').replace(/tracking: .*/, 'tracking: {type: mlflow}'));
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command to its end. */
async function run(name: string, parameters: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const program = join(ROOT, 'tools', 'run.mjs');
  const child = spawn(process.execPath, [program, name, ...parameters], { env: { ...process.env, ...env } });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (out += String(text)));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { code, out };
}

const experiment = (file: string, place: string, env: NodeJS.ProcessEnv = {}, ...more: string[]) =>
  run('experiment', [join(folder, file), '--run-dir', join(folder, place), ...more], env);

/** All files below the folder in which a secret stands, but for the experiments that were written by hand. */
function leaks(): string[] {
  const names = readdirSync(folder, { recursive: true }).map(String);
  return names.filter((name) => {
    const file = join(folder, name);
    if (!statSync(file).isFile()) return false;
    const text = readFileSync(file, 'latin1');
    return SECRETS.some((secret) => text.includes(secret));
  });
}

function expectNone(out: string): void {
  for (const secret of SECRETS) expect(out).not.toContain(secret);
  expect(leaks()).toEqual([]);
}

test('a run whose server wants a password', async () => {
  const { code, out } = await experiment('variable.yaml', 'run', { TRACKING_URI: uri });
  expect({ code, out }).toMatchObject({ code: 0 });
  expect(out).toContain(`MLflow   ${server.uri}/#/experiments/`);
  expectNone(out);
  const { artifacts, params, tags } = server.run('/');
  expect([...artifacts.keys()]).toEqual(expect.arrayContaining(['experiment.yaml', 'report.html']));
  expect(String(artifacts.get('experiment.yaml'))).toContain(`uri: ${server.uri}\n`);
  for (const each of server.runs.values()) {
    for (const content of each.artifacts.values()) expectNone(content.toString('latin1'));
  }
  expectNone(JSON.stringify([...params, ...tags]));

  const report = await run('report', [join(folder, 'run')]);
  expect(report.code).toBe(0);
  expectNone(report.out);
});

test('one that names it nowhere, with the address and the password in the environment', async () => {
  const { code, out } = await experiment('none.yaml', 'run', { MLFLOW_TRACKING_URI: uri });
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining(`MLflow   ${server.uri}/#/`) });
  expectNone(out);
});

test('a server that repeats a wrong password', async () => {
  const wrong = `${PASSWORD}!`;
  const { code, out } = await experiment('none.yaml', 'denied', {
    MLFLOW_TRACKING_URI: server.uri,
    MLFLOW_TRACKING_USERNAME: 'ann',
    MLFLOW_TRACKING_PASSWORD: wrong,
  });
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('denies access (HTTP 401') });
  expectNone(out);
  expect(out).not.toContain(Buffer.from(`ann:${wrong}`).toString('base64'));
});

test('a push to a server that takes no files: what is missing is reported, and the exit code is 1', async () => {
  const letIn = server.fault;
  server.fault = (request) => letIn(request) ?? (request.method === 'PUT' ? { status: 413 } : undefined);
  const push = ['push', join(folder, 'denied'), '--uri', uri];
  const first = await run('mlflow', push);
  expect(first).toMatchObject({ code: 1, out: expect.stringMatching(/\d+ files did not arrive; .*HTTP 413/) });
  server.fault = letIn;
  const second = await run('mlflow', [...push, '--json']);
  expect(second).toMatchObject({ code: 0, out: expect.stringContaining('"missing":[]') });
  expectNone(first.out + second.out);
});

test.each([
  ['a "%"', 'pa%ss', /tracking\.uri: .*write it as %25/],
  ['a "/"', 'S3cret/pass', /tracking\.uri: .*"\/" is written %2F/],
])('%s in the password that is not encoded is an error, with exit code 2', async (_, password, message) => {
  const address = server.uri.replace('://', `://ann:${password}@`);
  for (const more of [[], ['--json']]) {
    const { code, out } = await experiment('variable.yaml', 'never', { TRACKING_URI: address }, '--validate', ...more);
    expect({ code, out }).toMatchObject({ code: 2, out: expect.stringMatching(message) });
    expect(out).not.toContain(password);
    expectNone(out);
  }
});
