import { UserError } from '@dualprior/core';
import type { FeatureExtractor } from './feature-extractor.ts';
import { SharedTrunk, type Purpose } from './shared-trunk.ts';
import type { Trunk } from './trunk.ts';
import { readOwnWeights, weightsIdentity, weightsKey } from './weights.ts';

/** An official extractor: a trunk with the weights of a file. */
export abstract class TrunkFeatures extends SharedTrunk {
  readonly substitute = false;

  /**
   * @param ignored beginnings or ends of names that the official file has besides the trunk's
   * Errors: `UserError` if there is no such file.
   */
  constructor(
    make: () => Trunk,
    private readonly file: string,
    ignored: RegExp,
    purpose: Purpose,
  ) {
    const architecture = make();
    const { type } = architecture;
    super(architecture, purpose, `${type} ${weightsKey(file)}`, async () => {
      const module = make();
      return { module, state: readOwnWeights(file, module, `"${type}"`, ignored) };
    });
  }

  get identity(): string {
    return `${this.type} ${weightsIdentity(this.file)}`;
  }
}

/** Errors: losses cannot use this extractor. */
export function checkDifferentiable({ type, differentiable }: FeatureExtractor): void {
  if (differentiable) return;
  throw new UserError(`"${type}" is for metrics: it has no gradient, so a loss cannot use it.`);
}
