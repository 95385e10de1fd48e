import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { DynamicValue } from './dynamic-value.ts';

/** Gives the mean over all pixels of an image where a network sees only a part of it: (N, H, W, C) to (N, 1, 1, C). */
type ImageMean = (features: Tensor4D) => Tensor4D;

const given = new DynamicValue<ImageMean | undefined>(undefined);

/** While `compute` runs, layers that need means over the whole image get them from `mean`. */
export function withImageMeans<T>(mean: ImageMean, compute: () => T): T {
  return given.during(mean, compute);
}

/** Whether the network sees only a part of an image, so that means over the whole of it come from elsewhere. */
export function seesPart(): boolean {
  return given.current !== undefined;
}

/** Mean over the pixels of every channel, of the whole image also where the network sees only a part: (N, H, W, C) to (N, 1, 1, C). */
export function imageMean(features: Tensor4D): Tensor4D {
  return given.current ? given.current(features) : tf.mean(features, [1, 2], true);
}
