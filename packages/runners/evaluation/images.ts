import { stackImages, type Image } from '@dualprior/blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** Images of one size as a batch: NHWC float32 in [0, 1]. */
export function toBatch(images: readonly Image[]): Tensor4D {
  const { width, height } = images[0]!;
  return tf.tensor4d(stackImages(images), [images.length, height, width, 3]);
}

/** A batch (NHWC) as 8-bit images: clipped to [0, 1] and rounded, as a file would hold them. */
export function toImages(batch: Tensor4D): Image[] {
  const [count, height, width] = batch.shape;
  const bytes = tf.tidy(() => tf.round(tf.mul(tf.clipByValue(batch, 0, 1), 255)));
  const values = Uint8Array.from(bytes.dataSync());
  bytes.dispose();
  const size = height * width * 3;
  return Array.from({ length: count }, (_, n) => ({ width, height, data: values.slice(n * size, (n + 1) * size) }));
}
