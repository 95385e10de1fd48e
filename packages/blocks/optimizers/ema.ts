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
    tf.tidy(() => {
      const rest = decay ? tf.sub(1, decay) : 1 - this.decay;
      this.average.assign(tf.add(tf.mul(this.average, decay ?? this.decay), tf.mul(vector, rest)));
    });
  }
}
