import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '@dualprior/core';
import { StageFolder } from './stage-folder.ts';

/** The folder of trained stages, shared by all experiments: `STORE/HASH/`, looked up by the hash alone. */
export class Store {
  readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  /** Where a stage is or would be; looks at nothing and makes nothing. */
  find(hash: string): StageFolder {
    return new StageFolder(join(this.root, hash));
  }

  /** The folder of a stage, made if it is new. Errors: the store cannot be written. */
  open(hash: string): StageFolder {
    const folder = this.find(hash);
    try {
      mkdirSync(folder.path, { recursive: true });
    } catch (error) {
      throw new UserError(`The store of trained stages ${this.root} cannot be written: ${(error as Error).message}`);
    }
    return folder;
  }
}
