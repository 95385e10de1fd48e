import type { Container, Experiment } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import { instances } from '../experiment/session.ts';

/** A container of an experiment whose networks all have initial weights; `release` frees their numbers. */
export function rehearsalContainer(
  experiment: Experiment,
  console: Console,
): { readonly container: Container; release(): void } {
  const { container, networks } = instances(experiment, undefined, console);
  return { container, release: () => networks.release() };
}
