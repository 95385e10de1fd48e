import { Kind } from '@dualprior/core';
import type { Rank, Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';

export type Vector = Variable<Rank.R1>;

/**
 * An optimizer works on the one flat vector of a parameter group (see `Parameters`), so its formula is the paper's.
 * Its options hold the initial learning rate and the schedule; whoever runs the step asks the schedule
 * and passes the rate as a tensor, since a step is a pure function of tensors and variables.
 */
export interface Optimizer {
  /** Learning rate of an iteration (from 0) of a training of so many iterations. */
  learningRate(iteration: number, iterations: number): number;
  /** What of its rate is not as its options suggest in a training of so many iterations; a clause each. */
  warnings(iterations: number): string[];
  /** State of a fresh group of `count` parameters, by name, e.g. `exp_avg`, `exp_avg_sq` (count), `step` (1). */
  state(count: number): Map<string, Vector>;
  /**
   * Vectors of the state in which a number is not finite wherever an update with a finite rate made a parameter or a number of the
   * state so: what is summed at each step to find out.
   */
  witnesses(state: ReadonlyMap<string, Vector>): Vector[];
  /** The same optimizer with the rate times `ratio` and each beta to the power of `ratio` (StyleGAN2, appendix B). */
  slowed(ratio: number): Optimizer;
  /** One update of `parameters`. The gradient, a tensor per parameter in the order of the vector, is clipped first if so configured. */
  update(parameters: Vector, gradient: readonly Tensor[], state: Map<string, Vector>, learningRate: Scalar): void;
}

export const optimizers = new Kind<Optimizer>('optimizer');
