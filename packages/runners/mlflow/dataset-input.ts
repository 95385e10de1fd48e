import type { DatasetUse } from '@dualprior/core';
import { cutText, LIMITS } from './names.ts';
import { cleanText } from './text.ts';

/** A data set as MLflow takes it. */
interface MlflowDataset {
  readonly name: string;
  readonly digest: string;
  readonly source_type: string;
  readonly source: string;
  readonly profile: string;
}

interface DatasetInput {
  readonly dataset: MlflowDataset;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/** A data set that a run reads, within MLflow's limits. Its source is as MLflow's client writes local folders, and what a program makes. */
export function toDatasetInput({ name, digest, role, source, options }: DatasetUse): DatasetInput {
  return {
    dataset: {
      name: cutText(cleanText(name), LIMITS.datasetName),
      digest: digest.slice(0, LIMITS.digest),
      source_type: source === '' ? 'code' : 'local',
      source: JSON.stringify(source === '' ? { tags: {} } : { uri: source }),
      profile: options,
    },
    tags: [{ key: 'mlflow.data.context', value: role }],
  };
}

/** Equal for what MLflow takes for the same data set. */
export function inputKey({ name, digest }: { readonly name: string; readonly digest: string }): string {
  return `${digest} ${name}`;
}
