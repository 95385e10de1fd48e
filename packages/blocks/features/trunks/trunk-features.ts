import { weightsIdentity, weightsOnDisk } from '@dualprior/core';
import { SharedTrunk, type Purpose } from './shared-trunk.ts';
import type { Trunk } from './trunk.ts';

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
    super(architecture, purpose, `${type} ${weightsOnDisk.key(file)}`, async () => {
      const module = make();
      return { module, state: weightsOnDisk.read(file, module, `"${type}"`, ignored) };
    });
  }

  get identity(): string {
    return `${this.type} ${weightsIdentity(this.file)}`;
  }
}
