import {
  Parameters,
  Random,
  weightsFileOf,
  type ComponentSpec,
  type Experiment,
  type Log,
  type StateDict,
  parseNetworkReference,
} from '@dualprior/core';
import { fillMeanLatent, isGenerator, keepsMeanLatent, type Network, weightsOf } from '@dualprior/blocks';
import { readResult } from '../store/result-file.ts';
import type { Store } from '../store/store.ts';
import { loadWeights } from './weights/load-weights.ts';
import { isFresh } from './is-fresh.ts';
import { StoredStages } from '../store/stored-stages.ts';
import type { TrainedNetwork } from './trained-network.ts';

/**
 * Gives each reference its network: `NAME` with its initial weights, `STAGE.NAME` as that stage left it. Every call makes
 * numbers of its own; `release` frees them.
 */
export class NetworkResolver {
  #lent: Parameters[] = [];
  /** Files of which was said that they hold no mean latent. */
  readonly #told = new Set<string>();

  constructor(
    readonly experiment: Experiment,
    /** Undefined: for a rehearsal, every network has its initial weights. */
    readonly store: Store | undefined,
    readonly create: (spec: ComponentSpec) => Network,
    private readonly log: Log,
  ) {}

  /** Errors: weights that the network begins with do not fit it. */
  resolve(reference: string): TrainedNetwork {
    const { stage, network } = parseNetworkReference(reference);
    const spec = this.experiment.entry('networks', network);
    const module = this.create(spec);
    const parameters =
      stage === undefined || !this.store
        ? this.#first(module, spec)
        : new Parameters(module, this.#trained(this.store, stage, network));
    this.#lent.push(parameters);
    return {
      reference,
      fresh: isFresh(this.experiment, reference),
      module,
      parameters,
      origin: (option) => this.experiment.origin(spec, option),
      // As the `gan` stage measures it.
      ...(isGenerator(module) && { fillMeanLatent: () => fillMeanLatent(parameters, [0, 0]) }),
    };
  }

  /** Frees the numbers of all networks resolved so far. */
  release(): void {
    for (const parameters of this.#lent) parameters.dispose();
    this.#lent = [];
  }

  /** The initial weights: from the file or the other network that `weights` names, else from the seed. A generator may come without its mean latent. */
  #first(module: Network, spec: ComponentSpec): Parameters {
    const weights = weightsOf(spec);
    if (weights === undefined) {
      return new Parameters(module, new Random(this.experiment.seed), 'weights', spec.type);
    }
    const given = weightsFileOf(weights);
    if (!given) return new Parameters(module, this.#numbersOf(weights as string));
    const { state } = loadWeights(given, module, spec, this.create);
    if (isGenerator(module) && !keepsMeanLatent(state) && !this.#told.has(given.file)) {
      this.log.info(`  ${given.file} holds no mean latent: it is measured over drawn latents where it is needed`);
      this.#told.add(given.file);
    }
    return new Parameters(module, state);
  }

  #numbersOf(reference: string): StateDict {
    const { stage, network } = parseNetworkReference(reference);
    if (stage !== undefined && this.store) return this.#trained(this.store, stage, network);
    const spec = this.experiment.entry('networks', network);
    const parameters = this.#first(this.create(spec), spec);
    try {
      return parameters.stateDict();
    } finally {
      parameters.dispose();
    }
  }

  #trained(store: Store, stage: string, network: string): StateDict {
    const roles = [...this.experiment.networkRoles('stages', stage)];
    const [role] = roles.find(([, reference]) => parseNetworkReference(reference).network === network)!;
    const folder = new StoredStages(this.experiment, store).find(stage);
    return readResult(folder.weights(folder.record.result), role);
  }
}
