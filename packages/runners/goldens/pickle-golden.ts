import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readNpz, UserError, type NdArray } from '@dualprior/core';
import { Golden } from './golden.ts';
import type { Manifest } from './manifest.ts';

/** Names all pickles of NVlabs that have reference values beside them. */
export const NVLABS = 'nvlabs';

/** What stands in for `config.arch`. */
export const PICKLE = 'NVlabs pickle';

/** The tolerance, relative to the greatest value of a tensor. */
const TOLERANCE = 1e-4;
const INPUTS = ['z', 'd_input'];
const REFERENCE = '.reference';

/** Names of the pickles in a folder that have a `NAME.reference.npz` beside them, sorted. */
export function listPickles(folder: string): string[] {
  const names = readdirSync(folder).flatMap((file) => /^(.+)\.pkl$/.exec(file)?.[1] ?? []);
  return names.filter((name) => isPickle(folder, name)).sort();
}

export function isPickle(folder: string, name: string): boolean {
  return existsSync(pickleOf(folder, name)) && existsSync(join(folder, `${name}${REFERENCE}.npz`));
}

export function pickleOf(folder: string, name: string): string {
  return join(folder, `${name}.pkl`);
}

/** A pickle as a case: its reference values are the arrays of the `.npz`, of which `z` and `d_input` are given. */
export function pickleGolden(folder: string, name: string): Golden {
  const file = join(folder, `${name}${REFERENCE}.npz`);
  const arrays = readNpz(file);
  const tensors = Object.fromEntries([...arrays].map(([tensor, array]) => [tensor, described(tensor, array)]));
  const manifest: Manifest = { name, key_prefix: '', config: { arch: PICKLE }, tensors, weights: {} };
  const golden = new Golden(folder, `${name}${REFERENCE}`, manifest);
  if (golden.outputs.length === 0) throw new UserError(`${file} holds nothing to compare with.`);
  return golden;
}

function described(tensor: string, { shape, values }: NdArray): Manifest['tensors'][string] {
  const description = { shape: [...shape], dtype: 'float32' };
  if (INPUTS.includes(tensor)) return { ...description, role: 'input' };
  const greatest = (values as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { ...description, role: 'output', atol: TOLERANCE * greatest };
}
