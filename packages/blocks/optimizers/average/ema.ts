import { mix } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar } from '@tensorflow/tfjs-core';
import type { Vector } from '../optimizer.ts';

/** Exponential moving average of a parameter vector; it starts as a copy. `average` belongs to whoever made the Ema. */
export class Ema {
  readonly average: Vector;

  /** `decay` in [0, 1): the part of the average that an update keeps, unless the update says otherwise. */
  constructor(
    vector: Vector,
    readonly decay: number,
  ) {
    this.average = tf.tidy(() => tf.variable(tf.clone(vector), false));
  }

  /** average = decay * average + (1 - decay) * vector. */
  update(vector: Vector, decay?: Scalar): void {
    tf.tidy(() => this.average.assign(mix(this.average, vector, decay ?? tf.scalar(this.decay))));
  }
}

/** Most that an average may keep of random initial weights. */
const RANDOM = 0.01;
/** Most that an average may keep of weights that were trained before: more, and it is longer than the training. */
const TRAINED = Math.exp(-1);

/**
 * What of an average is not as one expects of it at the end of a training, in a clause.
 *
 * @param updates so many in all, each of which keeps `decay` of the average
 * @param fresh whether the initial weights are random
 */
export function emaWarnings(decay: number, updates: number, fresh: boolean): string[] {
  const kept = decay ** updates;
  const most = fresh ? RANDOM : TRAINED;
  if (kept <= most) return [];
  const shorter = (Math.floor(1e4 * most ** (1 / updates)) / 1e4).toString();
  return [
    `after ${updates} updates the average of the weights will still hold ${(100 * kept).toPrecision(2)} % of the first ones` +
      `${fresh ? ', which are random' : ''}: a decay of ${shorter} would leave ${(100 * most).toPrecision(2)} %`,
  ];
}
