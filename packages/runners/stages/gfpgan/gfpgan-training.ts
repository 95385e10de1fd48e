import type { Differentiated } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { RestorerTraining, type Restored, type Vector } from '../adversarial/restorer-training.ts';
import { checked } from '../finite-guard.ts';
import type { FacialComponentsTraining } from './facial-components.ts';
import { pyramidLoss } from './pyramid-loss.ts';

/** What changes from iteration to iteration, beside the images; the last two where there are discriminators of the parts of the face. */
export type Varying = [
  seed: Tensor1D,
  networkRate: Scalar,
  discriminatorRate: Scalar,
  pyramidWeight: Scalar,
  componentRate?: Scalar,
  boxes?: Tensor3D,
];

/** GFP-GAN's training. */
export class GfpGanTraining extends RestorerTraining {
  readonly #components: FacialComponentsTraining | undefined;

  constructor(
    ...[network, judge, objective, optimizers, emaDecay, components]: [
      ...ConstructorParameters<typeof RestorerTraining>,
      components?: FacialComponentsTraining | undefined,
    ]
  ) {
    super(network, judge, objective, optimizers, emaDecay);
    this.#components = components;
  }

  override get variables(): ReadonlyMap<string, Vector> {
    return new Map([...super.variables, ...(this.#components?.variables ?? [])]);
  }

  /**
   * One iteration on degraded and sharp images (NHWC, [0, 1]) as GFPGAN:gfpgan/models/gfpgan_model.py, optimize_parameters: the network
   * and its average, then the discriminator, with R1 in the same update, and those of the parts of the face, on the same restored images. Returns what is worth a curve, and
   * `finite`, which is not where a number was not: nothing has changed then.
   */
  iteration(hasR1: boolean, degraded: Tensor4D, sharp: Tensor4D, ...varying: Varying): NamedTensorMap {
    const [seed, networkRate, discriminatorRate, pyramidWeight, componentRate, boxes] = varying;
    const { loss, seen } = this.players.descend('network', networkRate, () =>
      this.networkLoss(degraded, sharp, seed, pyramidWeight, boxes),
    );
    const { restored, ...terms } = seen;
    this.ema.update(this.network.parameters.vector);
    const judged = this.players.descend('discriminator', discriminatorRate, () =>
      this.discriminatorLoss(hasR1, restored, sharp),
    );
    const components = boxes && this.#components?.descend(restored, sharp, boxes, componentRate!);
    return { loss, ...terms, ...judged.seen, ...components, finite: checked(tf.scalar(0), this.variables.values()) };
  }

  networkLoss(
    degraded: Tensor4D,
    sharp: Tensor4D,
    seed: Tensor1D,
    pyramidWeight: Scalar,
    boxes?: Tensor3D,
  ): Differentiated<Restored> {
    return this.restorationLoss(degraded, sharp, seed, (pyramid, restored) => ({
      loss_pyramid: tf.mul(pyramidWeight, pyramidLoss(pyramid, sharp)),
      ...(boxes && this.#components?.terms(restored, sharp, boxes)),
    }));
  }

  discriminatorLoss(hasR1: boolean, restored: Tensor4D, sharp: Tensor4D): Differentiated<NamedTensorMap> {
    const { loss, seen } = this.judge.loss(restored, sharp);
    if (!hasR1) return { loss, seen: { loss_d: loss, ...seen } };
    const penalty = this.judge.r1(sharp);
    return { loss: tf.add(loss, penalty.loss), seen: { loss_d: loss, ...seen, ...penalty.seen } };
  }

  override dispose(): void {
    super.dispose();
    this.#components?.dispose();
  }
}
