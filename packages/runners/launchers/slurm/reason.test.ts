import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { lastLine, tailOf, whyEnded } from './reason.ts';

/** What Slurm 22.05 wrote into logs of jobs that ended so. */
const TIME = 'slurmstepd-vm: error: *** JOB 12 ON vm CANCELLED AT 2026-11-30T16:52:16 DUE TO TIME LIMIT ***';
const MEMORY =
  'slurmstepd-vm: error: StepId=14.batch exceeded memory limit (329846784 > 104857600), being killed\n' +
  'slurmstepd-vm: error: Exceeded job memory limit\n' +
  'slurmstepd-vm: error: *** JOB 14 ON vm CANCELLED AT 2026-11-30T16:53:10 ***';
const CGROUP =
  'slurmstepd: error: Detected 1 oom-kill event(s) in StepId=7.batch. Some of your processes may have been killed by the cgroup out-of-memory handler.';
const REQUEUE = 'slurmstepd-vm: error: *** JOB 3 ON vm CANCELLED AT 2026-11-30T16:50:59 DUE TO JOB REQUEUE ***';
const WARNED = 'slurmstepd-vm: error: *** JOB 13 ON vm CANCELLED AT 2026-11-30T16:51:16 ***';

test.each([
  ['its time, by the log', TIME, undefined, /longer than its time\. Raise `launcher\.time` \(it is 60\)/],
  ['its time, by the state', 'training', 'TIMEOUT', /longer than its time/],
  ['its memory', MEMORY, 'FAILED', /more memory than it was given\. Raise `launcher\.memory` \(it is 4G\)/],
  ['its memory, by cgroups', CGROUP, undefined, /more memory than it was given/],
  ['its memory, by the state', '', 'OUT_OF_MEMORY', /more memory than it was given/],
  ['a user', WARNED, undefined, /cancelled/],
  ['its node', '', 'NODE_FAIL', /its node failed/],
  ['something else', 'begins\nkilled\n', 'FAILED', /ended without a result \(FAILED\): killed/],
  ['a user, before it began', '', undefined, /never began/],
  ['its time, after it was requeued for memory', `${MEMORY}\n${REQUEUE}\n${TIME}`, undefined, /longer than its time/],
])('a job that was ended by %s', (_, log, state, reason) => {
  expect(whyEnded(log, state, { time: '60', memory: '4G' })).toMatch(reason);
});

test('of a long log the end is read, from a whole line on', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'log-')), 'log');
  expect(tailOf(file)).toBe('');
  writeFileSync(file, `${'x'.repeat(20_000)}\n`);
  appendFileSync(file, 'training 1/2\nü\n\n');
  expect(tailOf(file)).toBe('training 1/2\nü\n\n');
  expect(lastLine(tailOf(file))).toBe('ü');
});
