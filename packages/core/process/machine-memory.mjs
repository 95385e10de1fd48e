import { totalmem } from 'node:os';

/** Bytes of memory that this process may use at all: the machine's, or those of its container or Slurm job where that has fewer. */
export function machineMemory() {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(totalmem(), allowed) : totalmem();
}
