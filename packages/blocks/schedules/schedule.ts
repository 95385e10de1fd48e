import { Kind } from '@dualprior/core';

/** A learning-rate schedule: the rate of an iteration (from 0) from the initial rate. Stateless, so resuming needs nothing. */
export interface Schedule {
  at(initial: number, iteration: number, iterations: number): number;
  /** What of it is not as its options suggest in a training of so many iterations, such as a milestone beyond the end; a clause each. */
  warnings?(initial: number, iterations: number): string[];
}

export const schedules = new Kind<Schedule>('schedule');
