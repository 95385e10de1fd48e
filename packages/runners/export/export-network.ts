import { dirname } from 'node:path';
import {
  Buffer,
  makeFolder,
  writeSafetensors,
  writeTorchFile,
  type StateTensor,
  type TensorToWrite,
} from '@dualprior/core';
import writeFileAtomic from 'write-file-atomic';
import { ofOneNetwork } from '../store/weights-metadata.ts';
import { modelCard } from './model-card.ts';
import type { TrainedWeights } from './trained-weights.ts';

export const FORMATS = ['safetensors', 'pth'] as const;
export type Format = (typeof FORMATS)[number];

/** Name of the member of a `.pth` archive that holds what safetensors have as metadata. */
const METADATA = '.data/dualprior.json';

/** Files that an export has written. */
interface Exported {
  readonly weights: string;
  readonly card: string;
}

/** Writes a trained network under its official names, as float32, counters as int64, with metadata, and a model card beside it. */
export function exportNetwork(trained: TrainedWeights, file: string, format: Format): Exported {
  const tensors = officialTensors(trained);
  const metadata = metadataOf(trained);
  makeFolder(dirname(file));
  if (format === 'pth') writeTorchFile(file, tensors, { [METADATA]: JSON.stringify(metadata) });
  else writeSafetensors(file, tensors, metadata);
  const card = `${file.replace(/\.[^./]+$/, '')}.md`;
  writeFileAtomic.sync(card, modelCard(trained, file));
  return { weights: file, card };
}

/** All tensors of the network in its order, each as the official files have it. */
function officialTensors({ network, state }: TrainedWeights): [string, TensorToWrite & StateTensor][] {
  return [...network.parameters(), ...network.buffers()].flatMap(
    ([name, own]): [string, TensorToWrite & StateTensor][] => {
      const tensor = state.get(name);
      if (!tensor) return []; // a buffer that a state dict may lack
      const isInteger = own instanceof Buffer && own.isInteger;
      return [[name, { shape: tensor.shape, values: tensor.values, ...(isInteger && { dtype: 'I64' }) }]];
    },
  );
}

function metadataOf({ spec, experiment, reference, metrics }: TrainedWeights): Record<string, string> {
  return {
    format: 'pt', // how other libraries know that these are PyTorch's names and layouts
    ...ofOneNetwork(spec),
    experiment: JSON.stringify({ name: experiment.name, hash: experiment.hash, network: reference }),
    metrics: JSON.stringify(metrics),
  };
}
