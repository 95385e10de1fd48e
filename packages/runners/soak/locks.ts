import { spawn } from 'node:child_process';
import { readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { Soak, SoakFailure } from './soak.ts';

/** Processes that start at the same moment in one round. */
const STARTS = 10;
/** Milliseconds between rounds, of which a holder holds its lock for half. */
const ROUND = 40;

const LOCK = resolve(import.meta.dirname, '../../core/process/lock.mjs');

/** Simultaneous starts, each round on a lock that a dead process left: at most one process is inside at a time. */
export const locks: Soak = {
  name: 'locks',
  description: 'simultaneous starts on stale locks of dead processes: only one gets the lock',
  count: 500,
  async run({ count, random, folder, progress }) {
    const rounds = Math.ceil(count / STARTS);
    const file = join(folder, 'lock');
    for (let round = 0; round < rounds; round++) abandon(`${file}-${round}`, random.stream('locks', round).uint32());
    writeFileSync(`${file}.log`, '');
    const begin = Date.now() + 1000 + (500 * STARTS) / availableParallelism();
    const ends = Array.from({ length: STARTS }, () => {
      const program = [process.execPath, '--input-type=module', '-e', starts(file, rounds, begin)] as const;
      return new Promise((done) => spawn(program[0], program.slice(1), { stdio: 'inherit' }).on('exit', done));
    });
    await Promise.all(ends);
    const lines = readFileSync(`${file}.log`, 'utf8').trim().split('\n');
    progress(count);
    const overlaps = lines.filter((line) => line === 'overlap').length;
    const taken = new Set(lines.filter((line) => line.startsWith('taken'))).size;
    const failures: SoakFailure[] = [];
    const fail = (message: string) => failures.push({ message, reproduction: `${file}.log` });
    if (overlaps > 0) fail(`two processes were inside at once, ${overlaps} times`);
    if (taken < rounds) fail(`${rounds - taken} of ${rounds} locks were taken by nobody`);
    if (lines.length < rounds * STARTS) fail(`${rounds * STARTS - lines.length} starts ended without an answer`);
    if (failures.length === 0) rmSync(folder, { recursive: true });
    return { counts: { taken, refused: lines.length - taken - overlaps }, failures };
  },
};

/** A lock as a process of this machine leaves it that is killed: no process has this number. */
function abandon(file: string, id: number): void {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const owner = { boot, namespace: readlinkSync('/proc/self/ns/pid'), pid: 4_194_999 };
  writeFileSync(file, JSON.stringify({ ...owner, id: id.toString(16).padStart(16, '0') }));
}

/** A program that tries every lock at its moment. */
function starts(file: string, rounds: number, begin: number): string {
  return `
    import { appendFileSync, closeSync, openSync, rmSync } from 'node:fs';
    import { takeLock } from ${JSON.stringify(LOCK)};
    const file = ${JSON.stringify(file)};
    const note = (line) => appendFileSync(file + '.log', line + '\\n');
    for (let round = 0; round < ${rounds}; round++) {
      while (Date.now() < ${begin} + ${ROUND} * round);
      const lock = takeLock(file + '-' + round);
      if ('owner' in lock) { note('refused'); continue; }
      try { closeSync(openSync(file + round + '.inside', 'wx')); } catch { note('overlap'); }
      while (Date.now() < ${begin} + ${ROUND} * (round + 0.5));
      note('taken ' + round);
      rmSync(file + round + '.inside', { force: true });
      lock.release();
    }`;
}
