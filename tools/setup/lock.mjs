import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { running } from '../../packages/core/process/running.mjs';

/** A holder touches its lock this often, in ms; a lock untouched for much longer has no holder. */
const BEAT = 2000;
const LOST = 30_000;

/** Runs `work` while no other process holds this lock; a lock whose holder is gone is taken over. */
export async function exclusively(lock, onWait, work) {
  await mkdir(dirname(lock), { recursive: true });
  for (let told = false; !(await acquire(lock)); await sleep(500)) {
    if (!(await held(lock))) await takeAway(lock);
    else if (!told) {
      onWait();
      told = true;
    }
  }
  const beat = setInterval(() => utimes(lock, new Date(), new Date()).catch(() => {}), BEAT);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(lock, { force: true });
  }
}

async function acquire(lock) {
  try {
    await writeFile(lock, JSON.stringify({ host: hostname(), pid: process.pid }), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether a process holds this lock. The number of a process says nothing on another machine: there only the time of the last touch counts. */
async function held(lock) {
  try {
    const touched = (await stat(lock)).mtimeMs;
    if (Date.now() - touched > LOST) return false;
    const owner = parse(await readFile(lock, 'utf8'));
    return owner === undefined || owner.host !== hostname() || running(owner.pid, touched);
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Removes a lock without a holder, and puts it back if it is another one by now: two processes may have found the same old one. */
async function takeAway(lock) {
  const taken = `${lock}.${process.pid}`;
  try {
    await rename(lock, taken);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (await held(taken)) await link(taken, lock).catch(() => {});
  await rm(taken, { force: true });
}

/** Undefined while the holder has not written it yet. */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
