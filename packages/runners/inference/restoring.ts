import { EagerStep, loadEngine, type RunnableStep } from '@dualprior/core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** Restores a batch: NHWC in [0, 1]. */
export type Restoring = RunnableStep<[Tensor4D], Tensor4D>;

/** Makes several images of each image of a batch (NHWC in [0, 1]), of the same size. */
export type Viewing = RunnableStep<[Tensor4D], readonly Tensor4D[]>;

/** Shapes of batches whose traces are kept: a data set may have images of any sizes, and a trace of a deep network takes 20 MB. */
const SHAPES = 8;

/** What makes images of images, as a step: a TensorFlow function for each shape of a batch, or operation by operation. */
export function restoring<Images extends readonly Tensor4D[], Made extends Tensor4D | readonly Tensor4D[]>(
  make: (...images: Images) => Made,
  compile: boolean,
): RunnableStep<Images, Made> {
  return compile ? loadEngine().compile(make, { traces: SHAPES }) : new EagerStep(make);
}
