import type { StateDict } from '../nn/parameters.ts';
import { readPth } from './pth.ts';
import { readSafetensors } from './safetensors.ts';

/** The tensors of a weights file: safetensors by its name, else a PyTorch checkpoint. Errors: `UserError` naming the file. */
export function readWeights(file: string): StateDict {
  return /\.safetensors$/i.test(file) ? readSafetensors(file).tensors : readPth(file);
}
