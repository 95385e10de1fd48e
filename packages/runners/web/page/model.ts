import type { SpecWithOptions } from '@dualprior/core/nn';

/** `model.json`: methods with the networks that they restore with. */
export interface Model {
  readonly methods: readonly {
    readonly name: string;
    /** As an experiment has it: networks by their references. */
    readonly spec: SpecWithOptions;
    readonly networks: readonly string[];
  }[];
  /** By reference. */
  readonly networks: Readonly<Record<string, { readonly spec: SpecWithOptions; readonly weights: WeightsFile }>>;
}

interface WeightsFile {
  /** Safetensors, relative to `model.json`. */
  readonly file: string;
  readonly bytes: number;
}

/** What stands in the page itself. */
export interface PageSettings {
  /** The first is chosen. */
  readonly methods: readonly string[];
  /** Photographs to try it with. */
  readonly samples: readonly { readonly name: string; readonly file: string }[];
}
