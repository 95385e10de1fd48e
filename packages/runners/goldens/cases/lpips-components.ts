import type { ImageMetric } from '@dualprior/blocks';
import type { NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { withFiles, withLosses, withMetrics } from '../component.ts';
import { nchw, scalar, type GoldenFamily } from '../golden.ts';
import { eightBit, named, unitImage } from './eight-bit.ts';

const EXTRACTORS: Record<string, string> = { vgg: 'vgg16', alex: 'alexnet', squeeze: 'squeezenet' };

/** LPIPS of two 8-bit images by the metric and by the loss of an experiment, each with its weights in files, and the loss's gradient. */
export const lpipsComponents: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'LPIPS of 8-bit images',

  compute: (golden) =>
    withFiles(async (files) => {
      const weights = golden.weights();
      const options = {
        type: 'lpips',
        features: {
          type: EXTRACTORS[String(golden.manifest.config.net)],
          weights: files.write('trunk', named(weights, /^features\./)),
        },
        heads: files.write('heads', named(weights, /^lin\d/)),
      };
      const [restored, sharp] = [eightBit(golden, 'restored'), eightBit(golden, 'sharp')];
      const [lpips] = await withMetrics([options], (metric) => (metric as ImageMetric).measure(restored, sharp));
      const [x, y] = [unitImage(golden, 'restored'), unitImage(golden, 'sharp')];
      const weight = Number(golden.manifest.config.loss_weight);
      return withLosses([{ ...options, weight }], (loss) => {
        const { value, grad } = tf.valueAndGrad((image: Tensor) => loss!.compute(image as typeof x, y))(x);
        return new Map<string, NdArray>([
          ['lpips', scalar(lpips!)],
          ['loss', scalar(value as tf.Scalar)],
          ['grad.restored', nchw(grad)],
        ]);
      });
    }),
};
