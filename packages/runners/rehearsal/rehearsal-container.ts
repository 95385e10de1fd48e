import type { Network } from '@dualprior/blocks';
import { Container, LOG, type Experiment } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import { NetworkResolver } from '../networks/network-resolver.ts';

/** A container of an experiment whose networks all have first weights; `release` frees their numbers. */
export function rehearsalContainer(
  experiment: Experiment,
  console: Console,
): { readonly container: Container; release(): void } {
  const networks: NetworkResolver = new NetworkResolver(
    experiment,
    undefined,
    (spec) => container.create<Network>('network', spec),
    console,
  );
  const container: Container = new Container(experiment, {
    services: [[LOG, console]],
    resolve: { networks: (reference) => networks.resolve(reference) },
  });
  return { container, release: () => networks.release() };
}
