import { Kind } from '@dualprior/core';

/** A learning-rate schedule: the rate of an iteration (from 0) from the initial rate. Stateless, so resuming needs nothing. */
export interface Schedule {
  at(initial: number, iteration: number, iterations: number): number;
}

export const schedules = new Kind<Schedule>('schedule');
