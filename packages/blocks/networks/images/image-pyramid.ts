import { averagePool2d } from '@dualprior/core/nn';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** The image (NHWC) halved until it has this height: means of 2x2 pixels, which is bilinear with half-pixel centres. */
export function halvedTo(image: Tensor4D, height: number): Tensor4D {
  return image.shape[1] > height ? halvedTo(averagePool2d(image, { kernel: 2 }), height) : image;
}
