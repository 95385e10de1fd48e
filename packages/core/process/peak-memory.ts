import { readFileSync } from 'node:fs';

/** Greatest resident memory of this process so far, in bytes; null where the system has no /proc to tell it. */
export function peakMemory(status = '/proc/self/status'): number | null {
  return memoryIn(status, 'VmHWM');
}

/** Resident memory now (VmRSS) or at most so far (VmHWM) of the process that the file of /proc is of, in bytes; null where it does not tell. */
export function memoryIn(status: string, field: 'VmRSS' | 'VmHWM'): number | null {
  try {
    const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(status, 'utf8'));
    return line ? Number(line[1]) * 1024 : null;
  } catch {
    return null;
  }
}
