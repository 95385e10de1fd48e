import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, jest } from '@jest/globals';
import { long } from '../testing/long.ts';

jest.setTimeout(240_000);

const ROOT = resolve(import.meta.dirname, '../../..');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'threads-')));
const stageFile = (place: string, name: string) => join(folder, place, 'run', 'stages', 'nafnet', name);

/** Trains NAFNet on images of a size at which operations are split among threads. */
function start(place: string, ...set: string[]) {
  const all = [
    'stages.hinet=null',
    'methods.HINet=null',
    'evaluation.images=0',
    'data.train.size=64',
    'stages.nafnet.validation=null',
    'stages.nafnet.batch={size: 16, crop: 48}',
    'stages.nafnet.iterations=60',
    'stages.nafnet.saveEvery=1',
    'stages.nafnet.logEvery=1',
    `store=${join(folder, place, 'store')}`,
    ...set,
  ].flatMap((each) => ['--set', each]);
  const program = [join(ROOT, 'tools', 'run.mjs'), 'experiment', join(ROOT, 'experiments', 'smoke.yaml')];
  const child = spawn(process.execPath, [...program, '--run-dir', join(folder, place, 'run'), ...all], {
    detached: true,
  });
  let err = '';
  child.stderr.on('data', (text) => (err += String(text)));
  return {
    child,
    ended: new Promise<{ code: number | null; err: string }>((done) =>
      child.on('close', (code) => done({ code, err })),
    ),
  };
}

const weights = (place: string) => readFileSync(stageFile(place, 'last.safetensors'), 'base64');

long('a stage that was started on a number of threads continues with it, to the same weights', async () => {
  expect(await start('one', 'runtime.threads=1').ended).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(stageFile('one', 'stage.json'), 'utf8'))).toMatchObject({ threads: 1 });
  expect(await start('two', 'runtime.threads=2').ended).toMatchObject({ code: 0 });
  expect(weights('two')).not.toBe(weights('one'));

  const { child, ended } = start('killed', 'runtime.threads=1');
  const journal = stageFile('killed', 'journal.jsonl');
  while (child.exitCode === null && !(existsSync(journal) && /"step":4\b/.test(readFileSync(journal, 'utf8'))))
    await setTimeout(5);
  process.kill(-child.pid!, 'SIGKILL');
  await ended;
  const { code, err } = await start('killed', 'runtime.threads=2').ended;
  expect(code).toBe(0);
  expect(err).toContain('CPU (1 thread');
  expect(err).toMatch(/runtime\.threads is 2, but stage nafnet was started on 1 thread and continues with them\./);
  expect(err).toMatch(/resumes at iteration \d+ of 60/);
  expect(weights('killed')).toBe(weights('one'));
});
