import { dirname } from 'node:path';
import {
  Buffer,
  makeFolder,
  parseNetworkReference,
  UserError,
  writeSafetensors,
  writeTorchFile,
  type StateTensor,
  type TensorToWrite,
} from '@dualprior/core';
import writeFileAtomic from 'write-file-atomic';
import { ofNetworks, ofOneNetwork } from '../store/weights-metadata.ts';
import { metricsOf, modelCard } from './model-card.ts';
import type { Chosen, TrainedWeights } from './trained-weights.ts';

export const FORMATS = ['safetensors', 'pth'] as const;
export type Format = (typeof FORMATS)[number];

/** Name of the member of a `.pth` archive that holds what safetensors have as metadata. */
const METADATA = '.data/dualprior.json';

/** Files that an export has written. */
interface Exported {
  readonly weights: string;
  readonly card: string;
}

/**
 * Writes trained networks of a run under their official names, as float32, counters as int64, with metadata, and a model card beside the file.
 * Of several, each lies below the name that it has in the experiment (`generator.`). Errors: `UserError` where two have the same name.
 */
export function exportNetworks(chosen: Chosen, file: string, format: Format): Exported {
  const parts = partsOf(chosen);
  const tensors = parts.flatMap(([part, trained]) =>
    officialTensors(trained).map(([name, tensor]) => [part === '' ? name : `${part}.${name}`, tensor] as const),
  );
  const metadata = metadataOf(parts);
  makeFolder(dirname(file));
  if (format === 'pth') writeTorchFile(file, tensors, { [METADATA]: JSON.stringify(metadata) });
  else writeSafetensors(file, tensors, metadata);
  const card = `${file.replace(/\.[^./]+$/, '')}.md`;
  writeFileAtomic.sync(card, modelCard(chosen, file));
  return { weights: file, card };
}

type Parts = readonly (readonly [part: string, trained: TrainedWeights])[];

/** A network alone is no part. Errors: two have the same name. */
function partsOf(chosen: Chosen): Parts {
  if (chosen.length === 1) return [['', chosen[0]]];
  const parts = chosen.map((trained) => [parseNetworkReference(trained.reference).network, trained] as const);
  const twice = parts.find(([part], i) => parts.findIndex(([other]) => other === part) !== i);
  if (!twice) return parts;
  throw new UserError(
    `Two networks cannot both be "${twice[0]}" in one file (${chosen.map((each) => each.reference).join(', ')}). Export them one by one.`,
  );
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

function metadataOf(parts: Parts): Record<string, string> {
  const [[, first]] = parts as [Parts[number]];
  const { name, hash } = first.experiment;
  const references = parts.map(([, { reference }]) => reference);
  return {
    format: 'pt', // how other libraries know that these are PyTorch's names and layouts
    ...(parts.length === 1 ? ofOneNetwork(first.spec) : ofNetworks(parts.map(([part, { spec }]) => [part, spec]))),
    experiment: JSON.stringify({ name, hash, network: references.join(', ') }),
    metrics: JSON.stringify(metricsOf(parts.map(([, trained]) => trained))),
  };
}
