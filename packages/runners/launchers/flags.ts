import type { Task } from './launcher.ts';

/** Has a task compute on so many threads. */
export function threadsFlag(threads: number): string[] {
  return ['--set', `runtime.threads=${threads}`];
}

/** Has a task compute on its GPU or fail, unless the user chose a device: who asks for GPUs does not want a processor instead. */
export function gpuFlag({ parameters }: Task): string[] {
  return parameters.includes('--device') ? [] : ['--device', 'gpu'];
}
