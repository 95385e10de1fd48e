import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  constants,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

// A lock is a file that holds who made it. `link` creates it whole or not at all, also on a network file system.
// A lock whose owner is gone is removed by whoever holds the lock on its removal, `FILE.ID`. So no one ever removes a
// lock that a third process has taken in the meantime: only one process may remove the lock with this id.

/** A holder touches its lock this often, in ms. */
const BEAT = 5_000;
/** A lock of another machine or container that is untouched for this long, in ms, has no holder. */
const LOST = 120_000;

/** Takes a lock file for this process, or returns the living process that holds it. A lock whose process is gone is taken over. */
export function takeLock(file) {
  const id = randomBytes(8).toString('hex');
  const claim = `${file}.${id}.new`;
  writeFileSync(claim, `${JSON.stringify({ ...SELF, id })}\n`);
  try {
    for (;;) {
      if (create(file, claim)) return { release: hold(file, id) };
      const owner = readOwner(file);
      if (!owner) continue; // released since
      if (isHeld(owner, statSync(claim).mtimeMs)) return { owner };
      remove(file, owner.id);
    }
  } finally {
    rmSync(claim, { force: true });
  }
}

/**
 * Runs `work` while no other process holds this lock, whose folder is made. Waits for it, and calls `onWait` with the owner
 * if it has to. Errors: `AbortError` if the signal is aborted while it waits.
 */
export async function exclusively(file, work, { onWait, signal } = {}) {
  mkdirSync(dirname(file), { recursive: true });
  let lock = takeLock(file);
  if ('owner' in lock) onWait?.(lock.owner);
  while ('owner' in lock) {
    await sleep(500, undefined, { signal });
    lock = takeLock(file);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** Names the owner of a lock to users: `process 12 on node3`. */
export function describeOwner({ pid, host, boot, namespace }) {
  if (pid === undefined) return 'another process';
  if (host !== SELF.host) return `process ${pid} on ${host}`;
  return boot === SELF.boot && namespace === SELF.namespace ? `process ${pid}` : `process ${pid} of another container`;
}

const SELF = {
  host: hostname(),
  boot: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
  namespace: attempt(() => readlinkSync('/proc/self/ns/pid')),
  pid: process.pid,
  started: startOf(process.pid),
};

/** Creates the lock from the claim, whole. Returns whether there was none. */
function create(file, claim) {
  try {
    linkSync(claim, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes(error.code)) throw error;
  }
  try {
    copyFileSync(claim, file, constants.COPYFILE_EXCL); // a file system without hard links
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Touches the lock from a thread of its own, as long steps block this one, until the function returned is called. */
function hold(file, id) {
  const descriptor = openSync(file, 'r+');
  const size = statSync(file).size;
  const workerData = { descriptor, size, every: BEAT };
  const beat = new Worker(HEARTBEAT, { eval: true, execArgv: [], trackUnmanagedFds: false, workerData });
  beat.on('error', () => {}); // without a heartbeat the lock still holds on this machine
  beat.unref();
  return () => {
    beat.postMessage('stop');
    if (readOwner(file)?.id === id) rmSync(file, { force: true });
  };
}

/** Writes the last byte again: the time of the change is then the file system's, whatever this machine's clock says. */
const HEARTBEAT = `
const { closeSync, writeSync } = require('node:fs');
const { parentPort, workerData: { descriptor, size, every } } = require('node:worker_threads');
const beat = setInterval(() => { try { writeSync(descriptor, '\\n', size - 1); } catch {} }, every);
parentPort.on('message', () => { clearInterval(beat); closeSync(descriptor); parentPort.close(); });
`;

/** Who holds the lock; with nothing but an id where that cannot be read. Undefined where there is no lock. */
function readOwner(file) {
  try {
    const text = readFileSync(file, 'utf8');
    const { mtimeMs, ino } = statSync(file);
    const owner = attempt(() => JSON.parse(text));
    const known = typeof owner?.id === 'string' && /^[0-9a-f]{16}$/.test(owner.id) && Number.isInteger(owner.pid);
    return { ...(known ? owner : { id: `${ino}-${mtimeMs}` }), touched: mtimeMs };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether the owner still runs. The number of a process says something in its own container only: elsewhere the last touch decides. */
function isHeld({ pid, boot, namespace, started, touched }, now) {
  if (pid === undefined || boot !== SELF.boot || namespace !== SELF.namespace) return now - touched < LOST;
  const start = startOf(pid);
  return start !== undefined && start === started;
}

/** When a living process started, in ticks since the machine did: with its number and the boot, unique. Undefined where it is gone. */
function startOf(pid) {
  return attempt(() => {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' '); // from the third field, the state; a name may hold blanks
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  });
}

function remove(file, id) {
  const right = takeLock(`${file}.${id}`);
  if ('owner' in right) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2); // another process is removing it
    return;
  }
  if (readOwner(file)?.id === id) rmSync(file, { force: true });
  right.release();
}

function attempt(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}
