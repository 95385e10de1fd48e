import { ConfigError, type Module, type Parameters, type Place, parseNetworkReference } from '@dualprior/core/nn';

/**
 * A network with the numbers that a reference names (`regressor`: its initial weights; `restore.regressor`: as the
 * stage `restore` left it). Each reference gets numbers of its own, so a stage never changes what others see.
 */
export interface TrainedNetwork<T extends Module = Module> {
  /** The reference as it stands in the experiment. */
  readonly reference: string;
  readonly module: T;
  readonly parameters: Parameters;
  /** Whether its numbers are random: it has neither weights of a file nor a stage that trained it. */
  readonly fresh?: boolean;
  /** Where one of its options was written, or else the network itself. */
  origin?(option: string): Place | undefined;
  /** For a generator: measures its mean latent if its initial weights came without one, which takes seconds. Call it before the mean latent is read. */
  fillMeanLatent?(): void;
}

/** What an option of a network is, and what it must be for another network. */
interface Misfit {
  readonly option: string;
  readonly found: number;
  readonly allowed: string;
}

/** The error that a network does not fit another one, at the options that are to blame. `where`: of what part of the two that is so. */
export function misfitError(network: TrainedNetwork, other: TrainedNetwork, where: string, misfits: readonly Misfit[]) {
  const [own, others] = [network, other].map(({ reference }) => `networks.${parseNetworkReference(reference).network}`);
  return new ConfigError(
    misfits.map(({ option, found, allowed }) => ({
      place: network.origin?.(option),
      message: `${own}.${option} is ${found}, but must be ${allowed} to fit ${others}${where}`,
      found: String(found),
      allowed,
    })),
  );
}
