import { broadcast, pathLengthPenalty, toSigned, type Gpen } from '@dualprior/blocks';
import { statelessNormal, type Differentiated } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Rank, Scalar, Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { TrainedNetwork } from '../../networks/trained-network.ts';
import type { Judge } from '../adversarial/judge.ts';
import {
  RestorerTraining,
  type RestorerObjective,
  type RestorerOptimizers,
  type Vector,
} from '../adversarial/restorer-training.ts';
import { checked } from '../finite-guard.ts';

export interface PathLengthOptions {
  readonly weight: number;
  /** Iterations between its turns. */
  readonly every: number;
  readonly decay: number;
  readonly batchShrink: number;
}

/** Which regularisers have their turn in an iteration. */
export interface GpenTurn {
  readonly pathLength: boolean;
  readonly r1: boolean;
}

/** What changes from iteration to iteration, beside the images; scalars but for the seed. */
export type Varying = [seed: Tensor1D, networkRate: Scalar, discriminatorRate: Scalar];

/** GPEN's training. */
export class GpenTraining extends RestorerTraining {
  readonly #pathMean: Vector = tf.tidy(() => tf.variable(tf.zeros<Rank.R1>([1]), false));

  constructor(
    override readonly network: TrainedNetwork<Gpen>,
    judge: Judge,
    objective: RestorerObjective,
    readonly pathLengthOptions: PathLengthOptions,
    optimizers: RestorerOptimizers,
    emaDecay: number,
  ) {
    super(network, judge, objective, optimizers, emaDecay);
  }

  override get variables(): ReadonlyMap<string, Vector> {
    return new Map([...super.variables, ['path_mean', this.#pathMean]]);
  }

  /**
   * One iteration on degraded and sharp images (NHWC, [0, 1]) in the order of GPEN:train_simple.py: the discriminator on images restored
   * for it, R1; then the network on images restored anew, judged by the discriminator as it is by then, its path lengths, the average.
   * Returns what is worth a curve, and `finite`, which is not where a number was not: nothing has changed then.
   */
  iteration(turn: GpenTurn, degraded: Tensor4D, sharp: Tensor4D, ...varying: Varying): NamedTensorMap {
    const [seed, networkRate, discriminatorRate] = varying;
    const { players, judge, network } = this;
    const { image } = network.parameters.use(() => network.module.restore(degraded));
    const judged = players.descend('discriminator', discriminatorRate, () => judge.loss(image, sharp));
    const curves: NamedTensorMap = { loss_d: judged.loss, ...judged.seen };
    if (turn.r1) Object.assign(curves, players.descend('discriminator', discriminatorRate, () => judge.r1(sharp)).seen);

    const main = players.descend('network', networkRate, () => this.restorationLoss(degraded, sharp, seed));
    const { restored: _restored, ...terms } = main.seen;
    Object.assign(curves, { loss: main.loss, ...terms });
    if (turn.pathLength) {
      const mean = tf.reshape(this.#pathMean, []) as Scalar;
      const { seen } = players.descend('network', networkRate, () => this.pathLength(degraded, seed, mean));
      this.#pathMean.assign(tf.reshape(seen.path_mean, [1]));
      Object.assign(curves, { path_length: seen.path_length });
    }
    this.ema.update(network.parameters.vector);
    return { ...curves, finite: checked(tf.scalar(0), this.variables.values()) };
  }

  /** Path lengths of the batch over `batchShrink`, its first images, from the w that the encoder gives; `mean` is their running mean before. */
  pathLength(
    degraded: Tensor4D,
    seed: Tensor1D,
    mean: Scalar,
  ): Differentiated<{ path_length: Scalar; path_mean: Scalar }> {
    const { weight, every, decay, batchShrink } = this.pathLengthOptions;
    const first = tf.slice(degraded, 0, Math.max(1, Math.floor(degraded.shape[0] / batchShrink)));
    const { generator } = this.network.module;
    const { z, features } = this.network.module.encode(toSigned(first));
    const latents = broadcast(generator.map(z), generator.latents);
    const noise = statelessNormal<Tensor4D>(first.shape, seed);
    const path = pathLengthPenalty((w: Tensor3D) => generator.synthesize(w, features), latents, noise, mean, decay);
    return {
      loss: tf.mul(weight * every, path.penalty),
      seen: { path_length: tf.mean(path.lengths), path_mean: path.mean },
    };
  }

  hasPathLength(iteration: number): boolean {
    const { weight, every } = this.pathLengthOptions;
    return weight > 0 && iteration % every === 0;
  }

  override dispose(): void {
    super.dispose();
    this.#pathMean.dispose();
  }
}
