import { mix } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar } from '@tensorflow/tfjs-core';
import type { Vector } from './optimizer.ts';

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
