import { existsSync, readdirSync } from 'node:fs';
import { counted, UserError } from '@dualprior/core';

/** Where NVIDIA's driver lists the GPUs of this machine; WSL has none. */
const LIST = '/proc/driver/nvidia/gpus';

/** Errors: `UserError` for a GPU that this machine has not; where nothing lists them, the process that computes on it says so. */
export function checkGpus(gpus: readonly number[], list = LIST): void {
  if (!existsSync(list)) return;
  const { length } = readdirSync(list);
  const missing = gpus.filter((gpu) => gpu >= length);
  if (missing.length === 0) return;
  const numbered = length > 0 ? `, numbered from 0 to ${length - 1}` : '';
  throw new UserError(
    `launcher.gpus has ${missing.join(', ')}, but this machine has ${counted(length, 'GPU')}${numbered}. \`nvidia-smi -L\` lists them.`,
  );
}
