import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exclusively } from '../../packages/core/process/lock.mjs';

/**
 * Makes a folder unless it is there. It is made beside its place and renamed at the end, so what was interrupted is done again; of several processes
 * one makes it and the others wait. Returns whether this call made it.
 */
export async function once(folder, onWait, make) {
  if (existsSync(folder)) return false;
  const work = async () => {
    if (existsSync(folder)) return false;
    await removeInterrupted(folder);
    const building = `${folder}.building-${process.pid}`;
    await mkdir(building, { recursive: true });
    try {
      await make(building);
      await rename(building, folder);
    } finally {
      await rm(building, { recursive: true, force: true });
    }
    return true;
  };
  return exclusively(`${folder}.lock`, work, { onWait });
}

async function removeInterrupted(folder) {
  const siblings = await readdir(dirname(folder));
  const left = siblings.filter((name) => name.startsWith(`${basename(folder)}.building-`));
  await Promise.all(
    left.map((name) => rm(join(dirname(folder), name), { recursive: true, force: true, maxRetries: 5 })),
  );
}
