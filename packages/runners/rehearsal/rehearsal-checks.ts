import type { Log } from '@dualprior/core';
import { checkValidation } from '../checks/check-validation.ts';
import { checkComponents } from '../checks/preflight.ts';
import type { Rehearsed } from './stand-ins.ts';

/** Finds what a run would find wrong before it begins, but for what has stand-ins. Errors: all of it at once. */
export function checkRehearsed({ experiment, written }: Rehearsed, log: Log): void {
  checkComponents(experiment, log);
  checkValidation(written);
}
