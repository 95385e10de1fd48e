import {
  dtypesOf,
  parseFile,
  persistentModule,
  readCheckpoint,
  readWeights,
  stateDictOf,
  type StateDict,
} from '@dualprior/core';
import type { Contents } from './parts.ts';

/**
 * All that a weights file holds: its tensors, and those of the modules in it that NVlabs' persistence has pickled, with what these say beside.
 * Errors: `UserError` naming the file if it cannot be read, or holds no tensors.
 */
export function readContents(file: string): Contents {
  const { root, tensors: plain, dtypes: ofPlain, metadata } = readCheckpoint(file);
  const modules = root instanceof Map ? [...(root as Map<unknown, unknown>)] : [['', root] as const];
  const tensors: StateDict = new Map(plain);
  const dtypes = new Map(ofPlain);
  const attributes = new Map<string, unknown>();
  for (const [key, value] of modules) {
    const module = parseFile(file, 'PyTorch checkpoint', () => persistentModule(value));
    if (!module) continue;
    const prefix = key === '' ? '' : `${String(key)}.`;
    for (const [name, tensor] of stateDictOf(file, module.tensors)) tensors.set(prefix + name, tensor);
    for (const [name, dtype] of dtypesOf(module.tensors)) dtypes.set(prefix + name, dtype);
    for (const [name, said] of module.attributes) attributes.set(prefix + name, said);
  }
  return { tensors: tensors.size > 0 ? tensors : readWeights(file), dtypes, attributes, metadata };
}
