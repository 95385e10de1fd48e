import { basename } from 'node:path';
import type { Experiment } from '@dualprior/core';
import type { StageFolder } from '../store/stage-folder.ts';
import type { Store } from '../store/store.ts';

/** The stages of an experiment in a store, also those that an older version has trained, which knew them by other hashes. */
export class StoredStages {
  constructor(
    readonly experiment: Experiment,
    readonly store: Store,
  ) {}

  /** Where a stage is or would be. Errors: those of `Experiment.identity`. */
  find(name: string): StageFolder {
    return this.store.find(this.#hash(name));
  }

  /** The folder of a stage, made if it is new; what an older version has trained is known by both hashes from then on. Errors: the store cannot be written. */
  open(name: string): StageFolder {
    const [hash, found] = [this.experiment.identity('stages', name), this.#hash(name)];
    const folder = this.store.open(found);
    if (found !== hash) this.store.link(hash, basename(folder.path));
    return folder;
  }

  #hash(name: string): string {
    const hash = this.experiment.identity('stages', name);
    if (this.store.has(hash)) return hash;
    const former = this.experiment.formerIdentity('stages', name);
    return this.store.has(former) ? former : hash;
  }
}
