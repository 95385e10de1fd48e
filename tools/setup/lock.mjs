import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Runs `work` while no other process holds this lock; a lock whose process is gone is taken over. */
export async function exclusively(lock, onWait, work) {
  await mkdir(dirname(lock), { recursive: true });
  for (let told = false; ; await sleep(500)) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = await ownerOf(lock);
    if (owner !== undefined && !alive(owner)) await rm(lock, { force: true });
    else if (!told) {
      onWait();
      told = true;
    }
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** The process that holds a lock; undefined while it has not written its number yet. */
async function ownerOf(lock) {
  try {
    const text = await readFile(lock, 'utf8');
    const fresh = Date.now() - (await stat(lock)).mtimeMs < 5000;
    return text === '' && fresh ? undefined : Number(text);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function alive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
