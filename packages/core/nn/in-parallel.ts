import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { seesPart } from './image-mean.ts';

/** Each part is traced by itself, and has gradients of the weights of its own: more parts than this cost more than is known to be gained. */
const MOST = 4;

let parts = 1;

/** Says into how many parts `inParallel` splits a batch, at most 4: the engine says so of the threads of a CPU, and 1 on a GPU. */
export function setParts(count: number): void {
  parts = Math.min(count, MOST);
}

/**
 * What `compute` returns for a batch, computed in parts that a compiled step computes in parallel. It is for networks whose operations are too small
 * for several threads each. `compute` must treat the images of a batch independently; the last digits depend on the number of parts.
 */
export function inParallel(images: Tensor4D, compute: (images: Tensor4D) => Tensor4D): Tensor4D {
  const sizes = sizesOf(images.shape[0], parts);
  if (sizes.length <= 1 || seesPart()) return compute(images); // means of whole images are given in the order of the calls
  return tf.concat(tf.split<Tensor4D>(images, sizes).map((part) => compute(part)));
}

/** Sizes of at most `most` parts that differ by at most one image, the larger ones first. */
function sizesOf(images: number, most: number): number[] {
  const count = Math.min(images, most);
  return Array.from({ length: count }, (_, i) => Math.ceil((images - i) / count));
}
