import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

let lanes = 1;

/** The engine says how many parts of a batch `beside` makes: as many as a CPU computes on threads, 1 on a GPU. */
export function setLanes(count: number): void {
  lanes = count;
}

/**
 * What `compute` returns for a batch, computed in parts that a compiled step computes at the same time. It is for networks whose operations are too small
 * for several threads each. `compute` must treat the images of a batch independently; the last digits depend on the number of parts.
 */
export function beside(images: Tensor4D, compute: (images: Tensor4D) => Tensor4D): Tensor4D {
  const parts = partsOf(images.shape[0], lanes);
  if (parts.length <= 1) return compute(images);
  return tf.concat(tf.split<Tensor4D>(images, parts).map((part) => compute(part)));
}

/** Sizes of at most `most` parts that differ by at most one image, the larger ones first. */
function partsOf(images: number, most: number): number[] {
  const count = Math.min(images, most);
  return Array.from({ length: count }, (_, i) => Math.ceil((images - i) / count));
}
