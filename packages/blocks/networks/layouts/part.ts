import type { StateDict } from '@dualprior/core/nn';

/** Options of a network that no tensor shows, by name; null: absent. */
export type Traits = Readonly<Record<string, string | number | null>>;

/** A part of a checkpoint: the tensors below a name, which may be those of one network. */
export interface Part {
  /** `params_ema`, `generator.ema`; empty for the whole checkpoint. */
  readonly name: string;
  readonly tensors: StateDict;
  /** What a pickled module says beside its tensors, by the path of the module: `synthesis.b4.conv1.conv_clamp`. Most files have none. */
  readonly attributes: ReadonlyMap<string, unknown>;
}

/** A part with our names and shapes in place of those of a public layout. */
export interface ConvertedPart extends Part {
  /** `NVlabs`. */
  readonly layout: string;
  /** Type of the network that the layout is of. */
  readonly network: string;
  /** What the network's options must be. */
  readonly traits: Traits;
  /** What the network was trained with, and need not have. */
  readonly habits: Traits;
  /** What no network here can do, a sentence each; empty where all can be done. */
  readonly refusals: readonly string[];
  /** What a user should know besides, a clause each. */
  readonly remarks: readonly string[];
}

export function isConverted(part: Part): part is ConvertedPart {
  return 'layout' in part;
}
