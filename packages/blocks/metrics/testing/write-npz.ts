import { writeFileSync } from 'node:fs';
import { zipSync } from 'fflate';

/** Arrays of doubles as `numpy.savez` writes them: name -> numbers and shape. */
export function writeNpz(
  file: string,
  arrays: Readonly<Record<string, readonly [values: readonly number[], shape: readonly number[]]>>,
): void {
  const members = Object.entries(arrays).map(([name, [values, shape]]) => [`${name}.npy`, npy(values, shape)] as const);
  writeFileSync(file, zipSync(Object.fromEntries(members)));
}

function npy(values: readonly number[], shape: readonly number[]): Uint8Array {
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape.map((n) => `${n},`).join('')}), }`;
  const padded = `${header.padEnd(117)}\n`;
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, padded.length, 0]);
  return Buffer.concat([prefix, Buffer.from(padded), Buffer.from(Float64Array.from(values).buffer)]);
}
