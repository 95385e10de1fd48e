import { Ema, type Loss, type Optimizer } from '@dualprior/blocks';
import type { Differentiated } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Rank, Scalar, Tensor1D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { TrainedPriorRestorer } from '../../networks/prior-restorer.ts';
import { namedTerms } from '../loss-terms.ts';
import type { Judge } from './judge.ts';
import { Players } from './players.ts';

export type Vector = Variable<Rank.R1>;
export type Restored = NamedTensorMap & { readonly restored: Tensor4D };
export type RestorerOptimizers = Readonly<Record<'network' | 'discriminator', Optimizer>>;

export interface RestorerObjective {
  /** Of the restored image, with what its discriminator says. */
  readonly loss: Loss;
  /** Of the face that is seen in it, where there is a network that knows faces. */
  readonly identity?: Loss | undefined;
}

/** A restorer around a generator, its average and its discriminator, with all that a training of them keeps. */
export class RestorerTraining {
  readonly ema: Ema;
  protected readonly players: Players<'network' | 'discriminator'>;

  constructor(
    readonly network: TrainedPriorRestorer,
    readonly judge: Judge,
    readonly objective: RestorerObjective,
    readonly optimizers: RestorerOptimizers,
    emaDecay: number,
  ) {
    this.ema = new Ema(network.parameters.vector, emaDecay);
    this.players = new Players({ network, discriminator: judge.discriminator }, optimizers);
  }

  /** All that resuming needs, by name. */
  get variables(): ReadonlyMap<string, Vector> {
    return new Map([...this.players.variables, ['network.ema', this.ema.average]]);
  }

  /**
   * What the network minimises, where both networks have numbers.
   *
   * @param degraded, sharp NHWC, [0, 1]
   * @param seed of the network's noise, if it has any
   * @param more of the network's smaller images, and of the restored one
   */
  restorationLoss(
    degraded: Tensor4D,
    sharp: Tensor4D,
    seed: Tensor1D,
    more: (auxiliary: readonly Tensor4D[], restored: Tensor4D) => Readonly<Record<string, Scalar>> = () => ({}),
  ): Differentiated<Restored> {
    const { loss, identity } = this.objective;
    const { image: restored, auxiliary } = this.network.module.restore(degraded, seed);
    const main = namedTerms(loss, restored, sharp, { logits: this.judge.logits(restored) });
    const others = {
      ...(identity && { loss_identity: identity.compute(restored, sharp) }),
      ...more(auxiliary, restored),
    };
    return { loss: tf.addN([main.loss, ...Object.values(others)]), seen: { ...main.seen, ...others, restored } };
  }

  /** Frees what is its own; the networks are not. */
  dispose(): void {
    this.players.dispose();
    this.ema.average.dispose();
  }
}
