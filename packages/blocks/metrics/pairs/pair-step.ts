import { loadEngine, type RunnableStep } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { stackImages, type Image } from '../../images/image.ts';
import { checkSameSize } from '../planes/plane.ts';

/** Shapes of images whose traces are kept. */
const SHAPES = 8;

/** A number of pairs of images that tensors are computed for, compiled once for each size. */
export class PairStep {
  #step: RunnableStep<[Tensor4D, Tensor4D], Tensor1D> | undefined;

  /** @param distances a number per pair of images (NHWC, [0, 1]) */
  constructor(private readonly distances: (restored: Tensor4D, sharp: Tensor4D) => Tensor1D) {}

  prepare(): void {
    this.#step ??= loadEngine().compile((restored, sharp) => this.distances(restored, sharp), { traces: SHAPES });
  }

  /** Between `prepare` and `dispose`. Errors: `UserError` for images of different sizes. */
  of(restored: Image, sharp: Image): number {
    checkSameSize(restored, sharp);
    return tf.tidy(() => this.#step!.run(toTensor(restored), toTensor(sharp)).dataSync()[0]!);
  }

  dispose(): void {
    this.#step?.dispose();
    this.#step = undefined;
  }
}

/** (1, H, W, 3) in [0, 1]. */
function toTensor(image: Image): Tensor4D {
  return tf.tensor4d(stackImages([image]), [1, image.height, image.width, 3]);
}
