import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StageFolder } from './stage-folder.ts';

/** The folder of trained stages, shared by all experiments: `STORE/HASH/`, looked up by the hash alone. */
export class Store {
  readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  /** The folder of a stage, made if it is new. */
  open(hash: string): StageFolder {
    const path = join(this.root, hash);
    mkdirSync(join(path, 'state'), { recursive: true });
    return new StageFolder(path);
  }
}
