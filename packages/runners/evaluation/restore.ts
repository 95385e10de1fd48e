import type { Image } from '@dualprior/blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { toBatch, toImages } from './images.ts';

/** Restores images of one size, as 8-bit images again. */
export function restoreImages(degraded: readonly Image[], restore: (batch: Tensor4D) => Tensor4D): Image[] {
  const batch = tf.tidy(() => restore(toBatch(degraded)));
  try {
    return toImages(batch);
  } finally {
    batch.dispose();
  }
}
