import { type Module, type Parameters } from '@dualprior/core';

/**
 * A network with the numbers that a reference names (`regressor`: its first weights; `restore.regressor`: as the
 * stage `restore` left it). Each reference gets numbers of its own, so a stage never changes what others see.
 */
export interface TrainedNetwork<T extends Module = Module> {
  /** The reference as it stands in the experiment. */
  readonly reference: string;
  readonly module: T;
  readonly parameters: Parameters;
}
