import { r1Penalty, toSigned, type Loss, type Optimizer } from '@dualprior/blocks';
import { gradientsOf, type Differentiated } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Rank, Scalar, Tensor, Tensor1D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { TrainedDiscriminator } from '../../experiment/gan-networks.ts';
import type { DualPrior } from '../../restoration/dual-prior.ts';
import { checked } from '../finite-guard.ts';
import { namedTerms } from '../loss-terms.ts';

type Vector = Variable<Rank.R1>;
type Role = 'encoder' | 'generator' | 'discriminator';
const ROLES: readonly Role[] = ['encoder', 'generator', 'discriminator'];

export interface InversionObjective {
  /** L_E, equation 2. */
  readonly loss: Loss;
  /** Of the discriminator. */
  readonly adversarial: Loss;
  readonly r1: { readonly gamma: number; readonly every: number };
}

type Inverted = NamedTensorMap & { readonly inverted: Tensor4D; readonly buffers: Tensor1D };

/** Stage 1 of the paper: encoder, generator and discriminator with their optimizers, and one iteration as a pure function. */
export class InversionTraining {
  /** All that resuming needs, by name. */
  readonly variables: ReadonlyMap<string, Vector>;
  readonly #states: Readonly<Record<Role, Map<string, Vector>>>;

  constructor(
    readonly prior: DualPrior,
    readonly discriminator: TrainedDiscriminator,
    readonly objective: InversionObjective,
    readonly optimizers: Readonly<Record<Role, Optimizer>>,
  ) {
    const state = (role: Role) => optimizers[role].state(this.#parameters(role).count);
    this.#states = {
      encoder: state('encoder'),
      generator: state('generator'),
      discriminator: state('discriminator'),
    };
    const { buffers } = prior.encoder.parameters;
    this.variables = new Map([
      ...ROLES.map((role): [string, Vector] => [role, this.#parameters(role).vector]),
      ...(buffers.size > 0 ? [['encoder.buffers', buffers] as [string, Vector]] : []),
      ...ROLES.flatMap((role) =>
        [...this.#states[role]].map(([name, variable]): [string, Vector] => [`${role}.optimizer.${name}`, variable]),
      ),
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
    const real = toSigned(sharp);
    const curves: NamedTensorMap = {};
    const { encoder, generator } = this.prior;
    const groups = [encoder.parameters, generator.parameters];
    const inversion = gradientsOf<Inverted>(groups, () =>
      this.discriminator.parameters.use(() => this.inversionLoss(regressed, sharp)),
    );
    const { inverted, buffers, ...terms } = inversion.seen;
    this.#update('encoder', inversion.gradients[0]!, encoderRate);
    this.#update('generator', inversion.gradients[1]!, generatorRate);
    encoder.parameters.buffers.assign(buffers);

    const group = [this.discriminator.parameters];
    const judged = gradientsOf(group, () => this.discriminatorLoss(inverted, sharp));
    this.#update('discriminator', judged.gradients[0]!, discriminatorRate);
    Object.assign(curves, { loss: inversion.loss, ...terms, loss_d: judged.loss, ...judged.seen });
    if (hasR1) {
      const { gradients, seen } = gradientsOf(group, () => this.r1(real));
      this.#update('discriminator', gradients[0]!, discriminatorRate);
      Object.assign(curves, seen);
    }
    return { ...curves, finite: checked(tf.scalar(0), this.variables.values()) };
  }

  /** L_E of x_R, where all three networks have numbers. */
  inversionLoss(regressed: Tensor4D, sharp: Tensor4D): Differentiated<Inverted> {
    const { prior, discriminator, objective } = this;
    const { result, buffers } = prior.encoder.parameters.train(() => prior.encode(regressed));
    const inverted = prior.synthesize(result);
    const logits = discriminator.module.score(toSigned(inverted));
    const { loss, seen } = namedTerms(objective.loss, inverted, sharp, { logits, regressed });
    return { loss, seen: { ...seen, inverted, buffers } };
  }

  discriminatorLoss(inverted: Tensor4D, sharp: Tensor4D): Differentiated<NamedTensorMap> {
    const { module } = this.discriminator;
    const [logits, targetLogits] = [module.score(toSigned(inverted)), module.score(toSigned(sharp))];
    return {
      loss: this.objective.adversarial.compute(inverted, sharp, { logits, targetLogits }),
      seen: { sign_real: tf.mean(tf.sign(targetLogits)), sign_fake: tf.mean(tf.sign(logits)) },
    };
  }

  /** gamma / 2 |slope of the logits of real images|^2, `every` times as it has its turn only so often. */
  r1(real: Tensor4D): Differentiated<{ r1: Scalar }> {
    const { gamma, every } = this.objective.r1;
    const penalty = r1Penalty((images) => this.discriminator.module.score(images), real);
    return { loss: tf.mul((gamma / 2) * every, penalty), seen: { r1: penalty } };
  }

  /** Frees what is its own; the networks are not. */
  dispose(): void {
    for (const role of ROLES) for (const variable of this.#states[role].values()) variable.dispose();
  }

  #update(role: Role, gradient: readonly Tensor[], rate: Scalar): void {
    this.optimizers[role].update(this.#parameters(role).vector, gradient, this.#states[role], rate);
  }

  #parameters(role: Role) {
    return (role === 'discriminator' ? this.discriminator : this.prior[role]).parameters;
  }
}
