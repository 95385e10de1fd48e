import type { StateDict } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { formulaValues } from './formula.ts';
import { Golden } from './golden.ts';

/** The last two bits of a float32. */
const MOST = 2 ** -22;

/**
 * A case whose images are moved in their last bits, less than what a network makes of them is rounded. Where a deep gradient has kinks
 * (ReLU, maximum), rounding puts a unit that is nearly on one now on this side, now on that, and the whole gradient differs
 * (GOLDENS.md, section 2): then one of the moved images is on the side of the reference, and its gradient must agree in all elements.
 */
export class NudgedGolden extends Golden {
  /** @param tensor the only output that is wanted */
  constructor(
    private readonly original: Golden,
    private readonly tensorWanted: string,
    private readonly attempt: number,
  ) {
    super(original.folder, original.name, original.manifest);
  }

  override get outputs(): string[] {
    return [this.tensorWanted];
  }

  override image(tensor: string): Tensor4D {
    const image = super.image(tensor);
    const values = formulaValues(`nudge ${this.attempt}: ${tensor}`, image.size);
    const factors = tf.tensor4d(
      Float32Array.from(values, (v) => 1 + MOST * v),
      image.shape,
    );
    return tf.mul(image, factors);
  }

  override weights(): StateDict {
    return this.original.weights();
  }
}
