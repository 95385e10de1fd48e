import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The release of the kernel module of NVIDIA's driver, e.g. `580.65.06`; undefined where none is loaded. */
export function kernelModule(root = '/') {
  const file = join(root, 'proc', 'driver', 'nvidia', 'version');
  if (!existsSync(file)) return undefined;
  return /Kernel Module.*?\s(\d+\.[\d.]+)\s/.exec(readFileSync(file, 'utf8'))?.[1] ?? 'of an unknown release';
}
