import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal, UserError } from '@dualprior/core';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { pushRun } from './push.ts';
import { FakeMlflow } from './testing/fake-mlflow.ts';

jest.setTimeout(30_000);

/** A run directory of someone else, beside files of ours, which it must not get at. */
let root: string;
let run: string;
let theirs: FakeMlflow;
let ours: FakeMlflow;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'push-'));
  run = join(root, 'run');
  mkdirSync(run);
  writeFileSync(join(root, 'secret.txt'), 'SECRET');
  [theirs, ours] = [new FakeMlflow(), new FakeMlflow()];
  await Promise.all([theirs.start(), ours.start()]);
  process.env['MLFLOW_TRACKING_TOKEN'] = 'our-token';
});

afterEach(async () => {
  delete process.env['MLFLOW_TRACKING_URI'];
  delete process.env['MLFLOW_TRACKING_TOKEN'];
  await Promise.all([theirs.stop(), ours.stop()]);
  rmSync(root, { recursive: true, force: true });
});

const push = (uri?: string) => pushRun(run, { uri, log: () => {}, firstPause: 0.01 });
const tokens = (server: FakeMlflow) => [...new Set(server.requests.map(({ authorization }) => authorization))];

function writeRun(uri = theirs.uri): void {
  writeFileSync(join(run, 'experiment.yaml'), `name: x\ntracking: {type: mlflow, uri: "${uri}"}\n`);
  const journal = Journal.open(join(run, 'journal.jsonl'));
  journal.start('x');
  journal.metric('loss', 1, 1);
  journal.end('FINISHED');
  journal.close();
}

/** A record as only someone else writes it. */
function record(event: object, file = join(run, 'journal.jsonl')): void {
  const line = `${JSON.stringify({ time: 1, run: [], ...event })}\n`;
  writeFileSync(file, line, { flag: 'a' });
}

describe('the server', () => {
  test('that the run names is given no credentials', async () => {
    writeRun();
    await push();
    expect(tokens(theirs)).toEqual([undefined]);
    expect(theirs.run('/').metrics).toHaveLength(1);
  });

  test('not even those that an older version wrote there', async () => {
    writeRun(theirs.uri.replace('://', '://ann:s3cret@'));
    await push();
    expect(tokens(theirs)).toEqual([undefined]);
    expect(readFileSync(join(run, 'mlflow.json'), 'utf8')).not.toContain('s3cret');
  });

  test('that the environment or the command line names comes first, and is given them', async () => {
    writeRun();
    process.env['MLFLOW_TRACKING_URI'] = ours.uri;
    await push();
    expect(tokens(ours)).toEqual(['Bearer our-token']);
    expect(theirs.requests).toEqual([]);
    await push(theirs.uri);
    expect(tokens(theirs)).toEqual(['Bearer our-token']);
  });

  test('that wants credentials is not given them, and the error says how', async () => {
    writeRun();
    theirs.fault = () => ({ status: 401 });
    await expect(push()).rejects.toThrow(`your credentials are not sent there; --uri ${theirs.uri} sends them`);
    expect(tokens(theirs)).toEqual([undefined]);
  });
});

describe('files outside of the run', () => {
  test('are not read, by whatever way they are named', async () => {
    writeRun();
    mkdirSync(join(run, 'inside'));
    writeFileSync(join(run, 'inside', 'fine.txt'), 'fine');
    symlinkSync('inside/fine.txt', join(run, 'link-inside'));
    symlinkSync(join(root, 'secret.txt'), join(run, 'link'));
    symlinkSync('..', join(run, 'up'));
    symlinkSync('loop', join(run, 'loop'));
    spawnSync('mkfifo', [join(run, 'pipe')]);
    const files = ['inside/fine.txt', 'link-inside'];
    const outside = [join(root, 'secret.txt'), '../secret.txt', 'inside/../../secret.txt', 'link', 'up/secret.txt'];
    const others = ['loop', 'pipe', 'inside', '.', 'a\0b', '/proc/self/environ', 'gone'];
    for (const file of [...files, ...outside, ...others]) record({ event: 'artifact', path: file, file });
    for (const file of outside) record({ event: 'image', key: file, file, step: 0 });

    const { notes, missing } = await push(ours.uri);
    expect([...ours.run('/').artifacts].map(([path, content]) => [path, String(content)])).toEqual([
      ['inside/fine.txt', 'fine'],
      ['link-inside', 'fine'],
    ]);
    expect(missing).toEqual([]);
    // Three ways of `outside` lead to one name.
    expect(notes).toHaveLength(outside.length - 2 + others.length);
    expect(notes.join('\n')).toMatch(/secret\.txt was not delivered: it lies outside the run\./);
    expect(notes.join('\n')).toMatch(/link was not delivered: a link leads out of the run\./);
    expect((await push(ours.uri)).records).toBe(0);
  });

  test('nor through the link of a stage that leads elsewhere than to a stage', async () => {
    writeRun();
    mkdirSync(join(run, 'stages'));
    for (const [name, folder, isStage] of [
      ['evil', join(root, 'home'), true],
      ['posing', join(root, '0123456789abcdef'), false],
      ['true', join(root, 'fedcba9876543210'), true],
    ] as const) {
      mkdirSync(folder);
      writeFileSync(join(folder, 'notes.txt'), name);
      if (isStage) writeFileSync(join(folder, 'stage.json'), '{}');
      record({ event: 'artifact', path: 'notes.txt', file: 'notes.txt' }, join(folder, 'journal.jsonl'));
      symlinkSync(folder, join(run, 'stages', name));
    }
    await push(ours.uri);
    const artifacts = [...ours.runs.values()].flatMap((each) => [...each.artifacts.values()].map(String));
    expect(artifacts).toEqual(['true']);
  });

  test('nor is one written: `mlflow.json` may be a link', async () => {
    writeRun();
    symlinkSync(join(root, 'secret.txt'), join(run, 'mlflow.json'));
    await expect(push(ours.uri)).rejects.toThrow(/mlflow\.json is not a file of its own/);
    expect(readFileSync(join(root, 'secret.txt'), 'utf8')).toBe('SECRET');
  });

  test('a journal that is a link or a pipe is none', async () => {
    symlinkSync(join(root, 'secret.txt'), join(run, 'journal.jsonl'));
    await expect(push(ours.uri)).rejects.toThrow(/not a run directory/);
    rmSync(join(run, 'journal.jsonl'));
    spawnSync('mkfifo', [join(run, 'journal.jsonl')]);
    await expect(push(ours.uri)).rejects.toThrow(/not a run directory/);
  });
});

describe('what has another form than ours', () => {
  test.each([
    ['null', 'null'],
    ['a list', '[1]'],
    ['members of other types', '{"id": 1, "uri": {}, "delivered": [1], "files": {"a": 1}}'],
    [
      'entries of other types',
      '{"delivered": {"/": {"offset": -1}, "/x": 3}, "files": [1, {"source": "/", "record": {}}]}',
    ],
    ['an id that is a part of a query', `{"id": "x' OR tags.a = 'b"}`],
  ])('mlflow.json: %s', async (_, text) => {
    writeRun();
    writeFileSync(join(run, 'mlflow.json'), text);
    expect(await push(ours.uri)).toMatchObject({ records: 3, missing: [] });
    expect(ours.run('/').metrics).toHaveLength(1);
  });

  test.each([
    ['no YAML', 'a: {'],
    [
      'aliases of aliases',
      `a: &a [1]\n${[...'bcdefghij'].map((c, i) => `${c}: &${c} [${`*${'abcdefghij'[i]}, `.repeat(9)}]`).join('\n')}`,
    ],
  ])('experiment.yaml: %s', async (_, text) => {
    writeRun();
    writeFileSync(join(run, 'experiment.yaml'), text);
    await expect(push(ours.uri)).rejects.toThrow(UserError);
  });

  test.each(['[]', 'tracking: 3', 'tracking: {type: mlflow, uri: [1]}', 'name: [x]'])(
    'experiment.yaml: %s',
    async (text) => {
      writeRun();
      writeFileSync(join(run, 'experiment.yaml'), text);
      expect(await push(ours.uri)).toMatchObject({ records: 3 });
    },
  );
});

test('a file that cannot be read now is kept; one that is gone is not', async () => {
  writeRun();
  record({ event: 'artifact', path: 'a.csv', file: 'a.csv' });
  record({ event: 'artifact', path: 'b.csv', file: 'b.csv' });
  writeFileSync(join(run, 'a.csv'), 'a');
  ours.fault = ({ method }) => (method === 'PUT' ? { status: 507 } : undefined);
  expect(await push(ours.uri)).toMatchObject({
    records: 4,
    missing: [{ file: join(run, 'a.csv'), reason: expect.stringMatching(/does not take the file \(HTTP 507\)/) }],
    notes: [expect.stringMatching(/b\.csv was not delivered: there is no such file/)],
  });
  ours.fault = () => undefined;
  expect(await push(ours.uri)).toMatchObject({ records: 1, missing: [], notes: [] });
  expect(String(ours.run('/').artifacts.get('a.csv'))).toBe('a');
});

test('a server without data sets and logged models gets everything else, and each is reported once', async () => {
  writeRun(ours.uri);
  const journal = Journal.open(join(run, 'journal.jsonl'));
  const data = { name: 'test', digest: '0a', role: 'test', source: '', options: '{}' } as const;
  for (const name of ['a', 'b']) {
    writeFileSync(join(run, `${name}.safetensors`), '');
    const stage = journal.of('stages', name);
    stage.dataset(data);
    stage.model({ id: name, name, file: join(run, `${name}.safetensors`), chosen: '' });
    stage.metric('psnr', 30, 0, name);
  }
  journal.close();
  const { notes, missing } = await push(ours.uri);
  expect(missing).toEqual([]);
  expect(notes).toEqual([
    expect.stringMatching(/^Data sets are not shown: .* MLflow 2\.4\.$/),
    expect.stringMatching(/^Trained networks are not shown as models: .* MLflow 3\.$/),
  ]);
  for (const name of ['a', 'b']) {
    expect(ours.run(`/stages/${name}`).metrics).toMatchObject([{ key: 'psnr', value: 30 }]);
    expect(ours.run(`/stages/${name}`).metrics[0]).not.toHaveProperty('model_id');
  }
  expect((await push(ours.uri)).records).toBe(0);
});

test('a push shows no more of the machine and of models than the run wanted', async () => {
  writeRun(ours.uri);
  const options = `uri: "${ours.uri}", models: none, systemMetrics: false`;
  writeFileSync(join(run, 'experiment.yaml'), `name: x\ntracking: {type: mlflow, ${options}}\n`);
  const journal = Journal.open(join(run, 'journal.jsonl'));
  journal.metric('system/cpu_utilization_percentage', 50, 0);
  journal.model({ id: '0a', name: 'x', file: join(run, 'x.safetensors'), chosen: '' });
  journal.metric('psnr', 30, 0, '0a');
  journal.close();
  expect(await push(ours.uri)).toMatchObject({ notes: [], missing: [] });
  expect(ours.run('/').metrics.map(({ key }) => key)).toEqual(['loss', 'psnr']);
  expect(ours.requests.filter(({ path }) => path.includes('logged-models'))).toEqual([]);
});
