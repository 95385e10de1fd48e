import { memoryIn } from '@dualprior/core';

/** Bytes that are free for a new process. */
export function freeMemory(): number {
  return process.availableMemory();
}

/** Resident bytes of a process; 0 where it has ended or the system does not tell. */
export function residentMemory(pid: number): number {
  return memoryIn(`/proc/${pid}/status`, 'VmRSS') ?? 0;
}
