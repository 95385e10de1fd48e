import { existsSync, readFileSync } from 'node:fs';

const STATUS = '/proc/self/status';

/** The most memory that this process has had, in megabytes. What `resourceUsage` says begins, on Linux, with what its parent had. */
export function mostMemory(): number {
  if (!existsSync(STATUS)) return process.resourceUsage().maxRSS / 1024;
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(STATUS, 'utf8'))![1]) / 1024;
}
