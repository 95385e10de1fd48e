import type { Differentiated } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { RestorerTraining, type Restored } from '../adversarial/restorer-training.ts';
import { checked } from '../finite-guard.ts';
import { pyramidLoss } from './pyramid-loss.ts';

/** What changes from iteration to iteration, beside the images; scalars but for the seed. */
export type Varying = [seed: Tensor1D, networkRate: Scalar, discriminatorRate: Scalar, pyramidWeight: Scalar];

/** GFP-GAN's training. */
export class GfpGanTraining extends RestorerTraining {
  /**
   * One iteration on degraded and sharp images (NHWC, [0, 1]) as GFPGAN:gfpgan/models/gfpgan_model.py, optimize_parameters: the network
   * and its average, then the discriminator, with R1 in the same update, on the same restored images. Returns what is worth a curve, and
   * `finite`, which is not where a number was not: nothing has changed then.
   */
  iteration(hasR1: boolean, degraded: Tensor4D, sharp: Tensor4D, ...varying: Varying): NamedTensorMap {
    const [seed, networkRate, discriminatorRate, pyramidWeight] = varying;
    const { loss, seen } = this.players.descend('network', networkRate, () =>
      this.networkLoss(degraded, sharp, seed, pyramidWeight),
    );
    const { restored, ...terms } = seen;
    this.ema.update(this.network.parameters.vector);
    const judged = this.players.descend('discriminator', discriminatorRate, () =>
      this.discriminatorLoss(hasR1, restored, sharp),
    );
    return { loss, ...terms, ...judged.seen, finite: checked(tf.scalar(0), this.variables.values()) };
  }

  networkLoss(degraded: Tensor4D, sharp: Tensor4D, seed: Tensor1D, pyramidWeight: Scalar): Differentiated<Restored> {
    return this.restorationLoss(degraded, sharp, seed, (pyramid) => ({
      loss_pyramid: tf.mul(pyramidWeight, pyramidLoss(pyramid, sharp)),
    }));
  }

  discriminatorLoss(hasR1: boolean, restored: Tensor4D, sharp: Tensor4D): Differentiated<NamedTensorMap> {
    const { loss, seen } = this.judge.loss(restored, sharp);
    if (!hasR1) return { loss, seen: { loss_d: loss, ...seen } };
    const penalty = this.judge.r1(sharp);
    return { loss: tf.add(loss, penalty.loss), seen: { loss_d: loss, ...seen, ...penalty.seen } };
  }
}
