import type { Static } from '@sinclair/typebox';
import type { Image } from '../images/image.ts';
import { metrics, type Column, type ImageMetric } from './metric.ts';
import { pixelMetricOptions } from './planes/options.ts';
import { checkSameSize, planes, type Channel } from './planes/plane.ts';

/**
 * Peak signal-to-noise ratio in decibels, 10 log10(255^2 / MSE) over all pixels and channels together; `Infinity` for
 * identical images. BasicSR:basicsr/metrics/psnr_ssim.py, calculate_psnr.
 * Errors: `UserError` for images of different sizes, or a border that leaves nothing.
 */
export function psnr(restored: Image, sharp: Image, channel: Channel = 'rgb', cropBorder = 0): number {
  checkSameSize(restored, sharp);
  const theirs = planes(sharp, channel, cropBorder);
  const errors = planes(restored, channel, cropBorder).map(({ data }, i) => squaredError(data, theirs[i]!.data));
  const mse = errors.reduce((sum, error) => sum + error, 0) / (theirs.length * theirs[0]!.data.length);
  return 10 * Math.log10(255 ** 2 / mse);
}

function squaredError(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

/** PSNR in the column `psnr`, or `psnr_y` for the luma. */
@metrics.component({ type: 'psnr', description: 'peak signal-to-noise ratio in dB', options: pixelMetricOptions })
export class PsnrMetric implements ImageMetric {
  static readonly possibleColumns = ['psnr', 'psnr_y'];
  readonly columns: readonly Column[];

  constructor(private readonly options: Static<typeof pixelMetricOptions>) {
    this.columns = [{ name: options.channel === 'y' ? 'psnr_y' : 'psnr', better: 'higher', digits: 2 }];
  }

  measure(restored: Image, sharp: Image): number[] {
    return [psnr(restored, sharp, this.options.channel, this.options.cropBorder)];
  }
}
