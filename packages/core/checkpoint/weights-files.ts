import type { InjectionToken } from 'tsyringe';
import type { Module } from '../nn/module.ts';
import type { StateDict } from '../nn/parameters.ts';

/** Where the weights of frozen networks come from: the files of a disk, or whatever takes their place where there is none. */
export interface WeightsFiles {
  /** Equal as long as the file is. Errors: `UserError` if there is no such file. */
  key(file: string): string;
  /**
   * The tensors of a file for a module, without thop's counters and those whose names match `ignored`; `module.` in front of names is
   * taken off.
   * @param what whose weights they should be, for messages
   * Errors: `UserError` naming the file if it is damaged, with all names that are missing or unknown, or with a tensor that is not finite.
   */
  read(file: string, module: Module, what: string, ignored: RegExp): StateDict;
}

/** Injects it: `inject: [WEIGHTS_FILES]`. Every container has that of the disk (`weightsOnDisk`). */
export const WEIGHTS_FILES: InjectionToken<WeightsFiles> = Symbol('WeightsFiles');
