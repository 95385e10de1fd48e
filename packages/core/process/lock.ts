import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { running } from './running.mjs';

/**
 * Takes a lock file for this process. A lock whose process is gone is taken over.
 * Returns how to release it, or the process that holds it.
 */
export function takeLock(file: string): { release: () => void } | { owner: number } {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return { release: () => rmSync(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = ownerOf(file);
    if (owner !== undefined) return { owner };
    rmSync(file, { force: true });
  }
}

/** Whether some process has this number now. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The process that wrote the lock, if it still runs. */
function ownerOf(file: string): number | undefined {
  try {
    const owner = Number(readFileSync(file, 'utf8'));
    return running(owner, statSync(file).mtimeMs) ? owner : undefined;
  } catch {
    return undefined;
  }
}
