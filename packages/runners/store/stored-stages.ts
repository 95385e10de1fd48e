import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Experiment } from '@dualprior/core';
import type { StageFolder } from './stage-folder.ts';
import type { Store } from './store.ts';

/**
 * The stages of an experiment in a store, also those that an older version has trained, which knew them by other hashes. Where a stage is
 * trained again, the new training has a folder of its own, and so has everything that depends on it.
 */
export class StoredStages {
  constructor(
    readonly experiment: Experiment,
    readonly store: Store,
  ) {}

  /** Where a stage is or would be. Errors: those of `Experiment.identity`. */
  find(name: string): StageFolder {
    return this.store.find(this.#hash(name));
  }

  /** The folder of a stage, made if it is new; a stage of an older version is found by both hashes from then on. Errors: the store cannot be written. */
  open(name: string): StageFolder {
    this.#openFirst(name);
    return this.store.open(this.#hash(name));
  }

  /** From now on the stage is the one that is trained for this reason; for the same one it stays as it is. What was trained before stays where it is. */
  retrain(name: string, reason: string): void {
    this.#openFirst(name).update({ retrained: reason });
  }

  /** Why stages behind an entry were trained again, with those behind them; empty where none was. */
  retrainings(section: 'stages' | 'methods', name: string): string[] {
    return this.experiment
      .stagesBefore(section, name)
      .flatMap((stage) => [...this.retrainings('stages', stage), ...this.#ownRetraining(stage)]);
  }

  #hash(name: string): string {
    const first = this.#firstHash(name);
    const retrainings = [...this.retrainings('stages', name), ...this.#ownRetraining(name)];
    if (retrainings.length === 0) return first;
    return createHash('sha256')
      .update(JSON.stringify([first, ...retrainings]))
      .digest('hex')
      .slice(0, 16);
  }

  #ownRetraining(name: string): string[] {
    const { retrained } = this.store.find(this.#firstHash(name)).record;
    return retrained === undefined ? [] : [retrained];
  }

  /** The hash of the first training. */
  #firstHash(name: string): string {
    const hash = this.experiment.identity('stages', name);
    if (this.store.has(hash)) return hash;
    const former = this.experiment.formerIdentity('stages', name);
    return this.store.has(former) ? former : hash;
  }

  #openFirst(name: string): StageFolder {
    const [hash, found] = [this.experiment.identity('stages', name), this.#firstHash(name)];
    const folder = this.store.open(found);
    if (found !== hash) this.store.link(hash, basename(folder.path));
    return folder;
  }
}
