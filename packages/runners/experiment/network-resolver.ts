import { join } from 'node:path';
import { Parameters, Random, type ComponentSpec, type Experiment, type StateDict } from '@dualprior/core';
import type { Network } from '@dualprior/blocks';
import { readResult } from '../stages/result-file.ts';
import type { Store } from '../store/store.ts';
import { parseReference } from './parse-reference.ts';
import type { TrainedNetwork } from './trained-network.ts';

/**
 * Gives each reference its network: `NAME` with its first weights, `STAGE.NAME` as that stage left it. Every call makes
 * numbers of its own; `release` frees them.
 */
export class NetworkResolver {
  #lent: Parameters[] = [];

  constructor(
    readonly experiment: Experiment,
    readonly store: Store,
    readonly create: (spec: ComponentSpec) => Network,
  ) {}

  resolve(reference: string): TrainedNetwork {
    const { stage, network } = parseReference(reference);
    const spec = this.experiment.entries('networks').get(network)!;
    const module = this.create(spec);
    const parameters =
      stage === undefined
        ? new Parameters(module, new Random(this.experiment.seed), 'weights', spec.type)
        : new Parameters(module, this.#trained(stage, network));
    this.#lent.push(parameters);
    return { reference, module, parameters };
  }

  /** Frees the numbers of all networks resolved so far. */
  release(): void {
    for (const parameters of this.#lent) parameters.dispose();
    this.#lent = [];
  }

  #trained(stage: string, network: string): StateDict {
    const roles = [...this.experiment.networkRoles('stages', stage)];
    const [role] = roles.find(([, reference]) => parseReference(reference).network === network)!;
    const folder = this.store.find(this.experiment.identity('stages', stage));
    return readResult(join(folder.path, `${folder.record.result}.safetensors`), role);
  }
}
