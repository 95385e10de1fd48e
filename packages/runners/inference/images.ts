import { stackImages, type Image } from '@dualprior/blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { NotFiniteImage } from './not-finite-image.ts';

/** Images of one size as a batch: NHWC float32 in [0, 1]. */
export function imageTensor(images: readonly Image[]): Tensor4D {
  const { width, height } = images[0]!;
  return tf.tensor4d(stackImages(images), [images.length, height, width, 3]);
}

/**
 * A batch (NHWC) as 8-bit images: clipped to [0, 1] and rounded, as a file would hold them.
 * Errors: `NotFiniteImage` for the first one that holds NaN or infinity.
 */
export function toImages(batch: Tensor4D): Image[] {
  const [count, height, width] = batch.shape;
  const finite = tf.tidy(() => tf.all<Tensor1D>(tf.isFinite(batch), [1, 2, 3]).dataSync());
  const index = finite.indexOf(0);
  if (index >= 0) throw new NotFiniteImage(index);
  const bytes = tf.tidy(() => tf.round(tf.mul(tf.clipByValue(batch, 0, 1), 255)));
  const values = Uint8Array.from(bytes.dataSync());
  bytes.dispose();
  const size = height * width * 3;
  return Array.from({ length: count }, (_, n) => ({ width, height, data: values.slice(n * size, (n + 1) * size) }));
}

/** As `toImages`, of a batch that is freed. */
export function imagesMadeBy(make: () => Tensor4D): Image[] {
  const batch = tf.tidy(make);
  try {
    return toImages(batch);
  } finally {
    batch.dispose();
  }
}
