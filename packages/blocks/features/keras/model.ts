import type { StoredWeight } from '../trunks/stored-weights.ts';

/** A Keras model as TensorFlow.js stores it (`model.json` of a layers model). */
export interface KerasModel {
  readonly modelTopology: {
    readonly model_config: { readonly config: { readonly layers: readonly KerasLayer[] } };
  };
  readonly weightsManifest: readonly { readonly weights: readonly StoredWeight[] }[];
}

export interface KerasLayer {
  readonly name: string;
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** The layers that it takes: `[[[name, node, tensor, {}], ...]]`. */
  readonly inbound_nodes: readonly (readonly (readonly [string, ...unknown[]])[])[];
}
