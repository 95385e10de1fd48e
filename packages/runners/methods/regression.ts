import { Type, type Static } from '@sinclair/typebox';
import { isPriorRestorer, parameterCount } from '@dualprior/blocks';
import { reference } from '@dualprior/core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import { asRestorer, type TrainedRestorer } from '../networks/restorer.ts';
import { methods, type Method } from './method.ts';

const Options = Type.Object({
  network: reference<TrainedNetwork>('networks', { description: 'the restorer, e.g. `restore.regressor`' }),
});

/** Restores with one regression network. */
@methods.component({ type: 'regression', description: 'one regression network, one pass', options: Options })
export class RegressionMethod implements Method {
  readonly #network: TrainedRestorer;

  constructor(options: Static<typeof Options>) {
    this.#network = asRestorer(options.network);
  }

  get parameters(): number {
    return parameterCount(this.#network.module);
  }

  get multiple(): number {
    return this.#network.module.multiple;
  }

  get stride(): number | undefined {
    return this.#network.module.stride;
  }

  get size(): number | undefined {
    const { module } = this.#network;
    return isPriorRestorer(module) ? module.size : undefined;
  }

  restore(degraded: Tensor4D): Tensor4D {
    return this.#network.restore(degraded);
  }
}
