import { existsSync, lstatSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeFolder } from '@dualprior/core';
import { StageFolder } from './stage-folder.ts';

/** The folder of trained stages, shared by all experiments: `STORE/HASH/`, looked up by the hash alone. A hash may be a link to the folder of another one. */
export class Store {
  readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  /** Where a stage is or would be; makes nothing. */
  find(hash: string): StageFolder {
    const path = join(this.root, hash);
    return new StageFolder(existsSync(path) ? realpathSync(path) : path);
  }

  has(hash: string): boolean {
    return existsSync(join(this.root, hash));
  }

  /** The folder of a stage, made if it is new. Errors: the store cannot be written. */
  open(hash: string): StageFolder {
    const path = join(this.root, hash);
    const isLinkToNothing = !existsSync(path) && lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    if (isLinkToNothing) rmSync(path);
    const folder = this.find(hash);
    makeFolder(folder.path);
    return folder;
  }

  /** From then on the stage of one hash is that of another one, which is there. */
  link(hash: string, target: string): void {
    try {
      symlinkSync(target, join(this.root, hash));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another run was quicker
    }
  }
}
