import { Ema, type Optimizer } from '@dualprior/blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Rank, Scalar, Tensor1D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { Players } from '../adversarial/players.ts';
import { checked } from '../finite-guard.ts';
import { numbered } from './latents.ts';
import type { GanObjective } from './objective.ts';

type Vector = Variable<Rank.R1>;

/** Which regularisers have their turn in an iteration. */
export interface Turn {
  readonly pathLength: boolean;
  readonly r1: boolean;
}

/** What changes from iteration to iteration, beside the images; scalars but for the seed. */
export type Varying = [seed: Tensor1D, generatorRate: Scalar, discriminatorRate: Scalar, emaDecay: Scalar];

/** Adam and the like, `k / (k + 1)` slower where a regulariser takes a step of its own every k iterations (appendix B). */
export function lazily(optimizer: Optimizer, every: number | undefined): Optimizer {
  return every === undefined ? optimizer : optimizer.slowed(every / (every + 1));
}

/** Generator, discriminator and average with all that a training of them keeps, and one iteration as a pure function. */
export class GanTraining {
  /** All that resuming needs, by name. */
  readonly variables: ReadonlyMap<string, Vector>;
  readonly ema: Ema;
  readonly #players: Players<'generator' | 'discriminator'>;
  readonly #pathMean: Vector = tf.tidy(() => tf.variable(tf.zeros<Rank.R1>([1]), false));

  constructor(
    readonly objective: GanObjective,
    readonly optimizers: Readonly<Record<'generator' | 'discriminator', Optimizer>>,
  ) {
    const { generator, discriminator } = objective;
    this.ema = new Ema(generator.parameters.vector, 0);
    this.#players = new Players({ generator, discriminator }, optimizers);
    this.variables = new Map([
      ...this.#players.variables,
      ['generator.ema', this.ema.average],
      ['path_mean', this.#pathMean],
    ]);
  }

  /**
   * One iteration: the generator, its path lengths, the discriminator, R1, the average. Returns what is worth a curve, and `finite`,
   * which is not where a number was not: nothing has changed then.
   */
  iteration({ pathLength, r1 }: Turn, real: Tensor4D, ...varying: Varying): NamedTensorMap {
    const [seed, generatorRate, discriminatorRate, emaDecay] = varying;
    const { objective } = this;
    const curves: NamedTensorMap = {};
    const main = this.#players.descend('generator', generatorRate, () => objective.generatorLoss(numbered(seed, 0)));
    Object.assign(curves, { loss_g: main.loss, sign_fake: main.seen.sign_fake });
    if (pathLength) {
      const mean = tf.reshape(this.#pathMean, []) as Scalar;
      const { seen } = this.#players.descend('generator', generatorRate, () =>
        objective.pathLength(numbered(seed, 1), mean),
      );
      this.#pathMean.assign(tf.reshape(seen.path_mean, [1]));
      Object.assign(curves, { path_length: seen.path_length });
    }
    const fake = objective.fakeImages(numbered(seed, 2));
    const { loss, seen } = this.#players.descend('discriminator', discriminatorRate, () =>
      objective.discriminatorLoss(real, fake, numbered(seed, 2)),
    );
    Object.assign(curves, { loss_d: loss, sign_real: seen.sign_real });
    if (r1) {
      const { seen } = this.#players.descend('discriminator', discriminatorRate, () =>
        objective.r1(real, numbered(seed, 3)),
      );
      Object.assign(curves, { r1: seen.r1 });
    }
    this.ema.update(objective.generator.parameters.vector, emaDecay);
    return { ...curves, finite: checked(tf.scalar(0), this.variables.values()) };
  }

  /** Frees what is its own; the networks are not. */
  dispose(): void {
    this.#players.dispose();
    this.ema.average.dispose();
    this.#pathMean.dispose();
  }
}
