import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { describeOwner, exclusively, takeLock, type LockOwner } from './lock.mjs';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(folder, 'lock');
});

const LOCK = resolve(import.meta.dirname, 'lock.mjs');
const TAKE_AND_DIE = `import { takeLock } from ${JSON.stringify(LOCK)}; takeLock(process.argv[1]); process.kill(process.pid, 'SIGKILL')`;
const TAKE_AND_STAY = `import { takeLock } from ${JSON.stringify(LOCK)}; takeLock(process.argv[1]); console.log('taken'); setInterval(() => {}, 1000)`;
const node = (program: string) => [process.execPath, '--input-type=module', '-e', program, file] as const;

/** A lock that a killed process left. */
function abandoned(): LockOwner {
  const [program, ...parameters] = node(TAKE_AND_DIE);
  spawnSync(program, parameters);
  return JSON.parse(readFileSync(file, 'utf8')) as LockOwner;
}

const taken = (child: ChildProcess) => new Promise((done) => child.stdout!.once('data', done));

/** The lock as it would be if this were its owner. */
function rewrite(change: object): void {
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...change }));
}

test('is held until it is released, and leaves nothing', () => {
  const lock = takeLock(file) as { release: () => void };
  expect(takeLock(file)).toMatchObject({ owner: { pid: process.pid } });
  lock.release();
  expect(readdirSync(folder)).toEqual([]);
  expect(takeLock(file)).toHaveProperty('release');
});

test('is taken over from a process that was killed', () => {
  expect(abandoned().pid).not.toBe(process.pid);
  expect(takeLock(file)).toHaveProperty('release');
  expect(readdirSync(folder)).toEqual(['lock']);
});

test('is taken over from a process whose number another one has by now', () => {
  abandoned();
  rewrite({ pid: process.pid });
  expect(takeLock(file)).toHaveProperty('release');
});

test('is taken over though a process that was removing it was killed', () => {
  const { id } = abandoned();
  writeFileSync(`${file}.${id}`, readFileSync(file, 'utf8').replace(id, '0123456789abcdef'));
  expect(takeLock(file)).toHaveProperty('release');
  expect(readdirSync(folder)).toEqual(['lock']);
});

// Two processes find the same lock without an owner; while one removes it and takes it, the other one looks away.
test('is removed by one process at a time, and only if it is still the one without an owner', async () => {
  const { id } = abandoned();
  const right = takeLock(`${file}.${id}`) as { release: () => void };
  const [program, ...parameters] = node(
    `import { takeLock } from ${JSON.stringify(LOCK)}; console.log(''); console.log(JSON.stringify(takeLock(process.argv[1])))`,
  );
  const child = spawn(program, parameters);
  await taken(child);
  await sleep(200);
  expect((JSON.parse(readFileSync(file, 'utf8')) as LockOwner).id).toBe(id);
  takeLock(`${file}.next`);
  renameSync(`${file}.next`, file); // at no time is there none, which the other process could take
  right.release();
  const found = await new Promise<string>((done) => child.stdout.once('data', (text) => done(String(text))));
  expect(JSON.parse(found)).toMatchObject({ owner: { pid: process.pid } });
});

describe.each([
  ['another machine', { host: 'elsewhere', boot: 'another' }, /^process \d+ on elsewhere$/],
  ['another container', { namespace: 'pid:[1]' }, /^process \d+ of another container$/],
])('of %s', (_, change, name) => {
  beforeEach(() => {
    abandoned();
    rewrite(change);
  });

  test('is held as long as it is touched', () => {
    const { owner } = takeLock(file) as { owner: LockOwner };
    expect(describeOwner(owner)).toMatch(name);
  });

  test('is taken over once it is untouched', () => {
    const [before] = [Date.now() / 1000 - 200];
    utimesSync(file, before, before);
    expect(takeLock(file)).toHaveProperty('release');
  });
});

test.each(['', '1234', '{"pid": "x"}'])(
  'with the content %j is held while it is new, and then taken over',
  (content) => {
    writeFileSync(file, content);
    expect(takeLock(file)).toHaveProperty('owner');
    utimesSync(file, 0, 0);
    expect(takeLock(file)).toHaveProperty('release');
  },
);

test('is waited for, and said so once', async () => {
  const [program, ...parameters] = node(TAKE_AND_STAY);
  const child = spawn(program, parameters);
  await taken(child);
  const owners: LockOwner[] = [];
  const onWait = (owner: LockOwner) => {
    owners.push(owner);
    setTimeout(() => child.kill('SIGKILL'), 700);
  };
  expect(await exclusively(file, async () => 'done', { onWait })).toBe('done');
  expect(owners.map(({ pid }) => pid)).toEqual([child.pid]);
  expect(existsSync(file)).toBe(false);
});

test('is released when the work fails; waiting ends when it is aborted', async () => {
  await expect(exclusively(file, () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
  const lock = takeLock(file) as { release: () => void };
  const signal = AbortSignal.timeout(100);
  await expect(exclusively(file, async () => 'done', { signal })).rejects.toThrow(/aborted/);
  lock.release();
});

// Another PID namespace has other numbers: there the owner's number is no process, or another one.
const namespaces = spawnSync('unshare', ['-pf', '--mount-proc', 'true']).status === 0;
(namespaces ? test : test.skip)('is not taken from a living process of another PID namespace', async () => {
  const child = spawn('unshare', ['-pf', '--mount-proc', '--kill-child', ...node(TAKE_AND_STAY)]);
  await taken(child);
  const { owner } = takeLock(file) as { owner: LockOwner };
  expect(describeOwner(owner)).toMatch(/of another container$/);
  child.kill('SIGKILL');
});

// Each program starts many times at the same moments as the others, every time on a lock that a killed process left.
test('of 500 simultaneous starts one at a time succeeds', async () => {
  const [programs, rounds] = [25, 20];
  const { pid: _, ...dead } = abandoned() as LockOwner & { pid: number };
  for (let round = 0; round < rounds; round++) {
    const id = round.toString(16).padStart(16, '0');
    writeFileSync(`${file}${round}`, JSON.stringify({ ...dead, pid: 4_194_999, id }));
  }
  const start = Date.now() + 3000;
  const program = `
    import { appendFileSync, closeSync, openSync, rmSync } from 'node:fs';
    import { takeLock } from ${JSON.stringify(LOCK)};
    const file = process.argv[1];
    for (let round = 0; round < ${rounds}; round++) {
      while (Date.now() < ${start} + 40 * round);
      const lock = takeLock(file + round);
      if ('owner' in lock) { appendFileSync(file + '.log', 'busy\\n'); continue; }
      try { closeSync(openSync(file + round + '.inside', 'wx')); } catch { appendFileSync(file + '.log', 'overlap\\n'); }
      while (Date.now() < ${start} + 40 * round + 20);
      appendFileSync(file + '.log', 'taken ' + round + '\\n');
      rmSync(file + round + '.inside', { force: true });
      lock.release();
    }`;
  const ends = Array.from({ length: programs }, () => {
    const [command, ...parameters] = node(program);
    return new Promise((done) => spawn(command, parameters, { stdio: 'inherit' }).on('exit', done));
  });
  expect(new Set(await Promise.all(ends))).toEqual(new Set([0]));
  const lines = readFileSync(`${file}.log`, 'utf8').trim().split('\n');
  expect(lines).toHaveLength(programs * rounds);
  expect(lines).not.toContain('overlap');
  expect(new Set(lines.filter((line) => line.startsWith('taken'))).size).toBe(rounds);
}, 60_000);
