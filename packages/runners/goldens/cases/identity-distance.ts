import type { ImageMetric } from '@dualprior/blocks';
import { withFiles, withMetrics } from '../component.ts';
import { scalar, type GoldenFamily } from '../golden.ts';
import { eightBit } from './eight-bit.ts';

/** The identity distance of two 8-bit images by the metric of an experiment, with weights in a file. */
export const identityDistance: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'identity distance of 8-bit images',

  compute: (golden) =>
    withFiles(async (files) => {
      const weights = files.write('arcface', golden.weights());
      const features = { type: 'arcface', architecture: golden.manifest.config.architecture, weights };
      const [restored, sharp] = [eightBit(golden, 'restored'), eightBit(golden, 'sharp')];
      return withMetrics([{ type: 'identity-distance', features }], (metric) => {
        const [distance] = (metric as ImageMetric).measure(restored, sharp) as number[];
        return new Map([['distance', scalar(distance!)]]);
      });
    }),
};
