import { join, resolve } from 'node:path';
import { makeFolder } from '@dualprior/core';
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
    makeFolder(folder.path);
    return folder;
  }
}
