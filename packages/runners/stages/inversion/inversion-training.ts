import type { Loss, Optimizer } from '@dualprior/blocks';
import { gradientsOf, type Differentiated } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Rank, Scalar, Tensor1D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { DualPrior } from '../../networks/dual-prior.ts';
import type { Judge } from '../adversarial/judge.ts';
import { Players } from '../adversarial/players.ts';
import { checked } from '../finite-guard.ts';
import { namedTerms } from '../loss-terms.ts';

type Vector = Variable<Rank.R1>;
type Role = 'encoder' | 'generator' | 'discriminator';
type Inverted = NamedTensorMap & { readonly inverted: Tensor4D; readonly buffers: Tensor1D };

/** Stage 1 of the paper: encoder, generator and discriminator with their optimizers, and one iteration as a pure function. */
export class InversionTraining {
  /** All that resuming needs, by name. */
  readonly variables: ReadonlyMap<string, Vector>;
  readonly #players: Players<Role>;

  /** @param loss L_E, equation 2 */
  constructor(
    readonly prior: DualPrior,
    readonly judge: Judge,
    readonly loss: Loss,
    readonly optimizers: Readonly<Record<Role, Optimizer>>,
  ) {
    const { encoder, generator } = prior;
    this.#players = new Players({ encoder, generator, discriminator: judge.discriminator }, optimizers);
    const { buffers } = encoder.parameters;
    this.variables = new Map([
      ...this.#players.variables,
      ...(buffers.size > 0 ? [['encoder.buffers', buffers] as [string, Vector]] : []),
    ]);
  }

  /**
   * One iteration on degraded and sharp images (NHWC, [0, 1]): E and G by equation 2, then D on the same x_G. Returns what is worth a
   * curve, and `finite`, which is not where a number was not: nothing has changed then.
   */
  iteration(
    hasR1: boolean,
    degraded: Tensor4D,
    sharp: Tensor4D,
    encoderRate: Scalar,
    generatorRate: Scalar,
    discriminatorRate: Scalar,
  ): NamedTensorMap {
    const regressed = this.prior.regress(degraded);
    const { encoder, generator } = this.prior;
    const inversion = gradientsOf<Inverted>([encoder.parameters, generator.parameters], () =>
      this.judge.discriminator.parameters.use(() => this.inversionLoss(regressed, sharp)),
    );
    const { inverted, buffers, ...terms } = inversion.seen;
    this.#players.update('encoder', inversion.gradients[0]!, encoderRate);
    this.#players.update('generator', inversion.gradients[1]!, generatorRate);
    encoder.parameters.buffers.assign(buffers);

    const judge = (phase: () => Differentiated<NamedTensorMap>) =>
      this.#players.descend('discriminator', discriminatorRate, phase);
    const judged = judge(() => this.judge.loss(inverted, sharp));
    const penalised = hasR1 ? judge(() => this.judge.r1(sharp)).seen : {};
    const curves = { loss: inversion.loss, ...terms, loss_d: judged.loss, ...judged.seen, ...penalised };
    return { ...curves, finite: checked(tf.scalar(0), this.variables.values()) };
  }

  /** L_E of x_R, where all three networks have numbers. */
  inversionLoss(regressed: Tensor4D, sharp: Tensor4D): Differentiated<Inverted> {
    const { prior, judge, loss: objective } = this;
    const { result, buffers } = prior.encoder.parameters.train(() => prior.encode(regressed));
    const inverted = prior.synthesize(result);
    const logits = judge.logits(inverted);
    const { loss, seen } = namedTerms(objective, inverted, sharp, { logits, regressed });
    return { loss, seen: { ...seen, inverted, buffers } };
  }

  /** Frees what is its own; the networks are not. */
  dispose(): void {
    this.#players.dispose();
  }
}
