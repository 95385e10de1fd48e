import type { ImageMetric } from '@dualprior/blocks';
import type { NdArray } from '@dualprior/core';
import { withFiles, withMetrics } from '../component.ts';
import { scalar, type GoldenFamily } from '../golden.ts';
import { eightBit, named } from './eight-bit.ts';

/** DISTS of two 8-bit images by the metric of an experiment, with its weights in files. */
export const dists: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'DISTS of 8-bit images',

  compute: (golden) =>
    withFiles(async (files) => {
      const weights = golden.weights();
      const options = {
        type: 'dists',
        trunk: files.write('trunk', named(weights, /^features\./)),
        weights: files.write('weights', named(weights, /^(alpha|beta)$/)),
      };
      const sharp = eightBit(golden, 'sharp');
      return withMetrics(
        [options],
        (metric) =>
          new Map(
            golden.outputs.map((output): [string, NdArray] => {
              const restored = eightBit(golden, output.replace('dists.', ''));
              return [output, scalar(((metric as ImageMetric).measure(restored, sharp) as number[])[0]!)];
            }),
          ),
      );
    }),
};
