import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '@dualprior/core';
import { TENSORBOARD_VERSION, tensorboardPython } from '../../../../tools/setup/tensorboard.mjs';

/** A run as TensorBoard reads it. */
export interface ShownRun {
  readonly scalars: Record<string, [step: number, value: number, seconds: number][]>;
  readonly images: Record<string, [step: number, width: number, height: number, sha256: string][]>;
  readonly texts: Record<string, [step: number, text: string][]>;
  readonly hyperparameters?: Record<string, number | string | boolean>;
  /** 1: well. */
  readonly ended?: number;
}

const python = tensorboardPython(cacheFolder());

/** Whether the tests that read with TensorBoard can run. Errors: in CI, where they cannot. */
export function hasTensorboard(): boolean {
  if (python !== undefined) return true;
  const missing = `TensorBoard ${TENSORBOARD_VERSION} is not installed (npm run setup -- --tensorboard)`;
  if (process.env['CI']) throw new Error(`${missing}.`);
  console.warn(`What the tracker tensorboard writes is not read back: ${missing}.`);
  return false;
}

/** The runs below a folder, by their folders ('.' for its own), read by TensorBoard itself. */
export async function readEvents(folder: string): Promise<Record<string, ShownRun>> {
  const program = join(import.meta.dirname, 'read-events.py');
  const { stdout } = await promisify(execFile)(python!, [program, folder], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as Record<string, ShownRun>;
}
