import { readFileSync } from 'node:fs';

/** Greatest resident memory of this process so far, in bytes; null where the system has no /proc to tell it. */
export function peakMemory(status = '/proc/self/status'): number | null {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'));
    return line ? Number(line[1]) * 1024 : null;
  } catch {
    return null;
  }
}
