import { UserError } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import type { Image } from '../images/image.ts';
import { metrics, type Column, type ImageMetric } from './metric.ts';
import { pixelMetricOptions } from './planes/options.ts';
import { checkSameSize, planes, type Channel } from './planes/plane.ts';
import { structuralSimilarity, type SsimVariant } from './planes/structural-similarity.ts';
import { gaussianWindow, uniformWindow } from './planes/window.ts';

const gaussian = gaussianWindow(11, 1.5);

/** The implementations that papers report. */
export const SSIM_VARIANTS = {
  /** Wang et al. 2004 and BasicSR:basicsr/metrics/psnr_ssim.py, calculate_ssim; also scikit-image with `gaussian_weights` and the population covariance. */
  gaussian: { window: gaussian, border: 'valid', acrossChannels: false, sampleCovariance: false },
  /** scikit-image with `gaussian_weights=True, sigma=1.5`. */
  gaussianSampleCovariance: { window: gaussian, border: 'valid', acrossChannels: false, sampleCovariance: true },
  /** scikit-image as it comes: 7x7 uniform. */
  uniform: { window: uniformWindow(7), border: 'valid', acrossChannels: false, sampleCovariance: true },
  /** NAFNet:basicsr/metrics/psnr_ssim.py for Y: the whole image, its border repeated. */
  wholeImage: { window: gaussian, border: 'replicate', acrossChannels: false, sampleCovariance: false },
  /** NAFNet:basicsr/metrics/psnr_ssim.py for RGB (HINet's too): 11x11x11 over rows, columns and channels. Its values are higher. */
  threeDimensional: { window: gaussian, border: 'replicate', acrossChannels: true, sampleCovariance: false },
} satisfies Record<string, SsimVariant>;

/**
 * Mean structural similarity (Wang et al. 2004) in [-1, 1] of 8-bit images, the mean of the channels' own values: 11x11 Gaussian
 * window, sigma 1.5, inside the image only. BasicSR:basicsr/metrics/psnr_ssim.py, calculate_ssim.
 * Errors: `UserError` for images of different sizes, or smaller than the window once the border is cropped.
 */
export function ssim(
  restored: Image,
  sharp: Image,
  channel: Channel = 'rgb',
  cropBorder = 0,
  variant: SsimVariant = SSIM_VARIANTS.gaussian,
): number {
  checkSameSize(restored, sharp);
  return structuralSimilarity(planes(restored, channel, cropBorder), planes(sharp, channel, cropBorder), variant);
}

const Options = Type.Object({
  ...pixelMetricOptions.properties,
  variant: Type.Optional(
    Type.Literal('three-dimensional', {
      description:
        'the windows of 11x11x11 over rows, columns and channels of the official code of NAFNet and HINet, whose values are higher; absent: 11x11 in each channel',
    }),
  ),
});

/**
 * SSIM in the column `ssim`, or `ssim_y` for the luma; the three-dimensional one in `ssim_3d`. Errors: three dimensions of the luma, which
 * has two.
 */
@metrics.component({
  type: 'ssim',
  description: 'structural similarity, 11x11 Gaussian windows (Wang et al. 2004)',
  options: Options,
})
export class SsimMetric implements ImageMetric {
  static readonly possibleColumns = ['ssim', 'ssim_y', 'ssim_3d'];
  readonly columns: readonly Column[];
  readonly minimumSide: number;

  constructor(private readonly options: Static<typeof Options>) {
    const { channel, variant } = options;
    if (variant !== undefined && channel === 'y') {
      throw new UserError('ssim: `variant: three-dimensional` goes over three channels, but `channel: y` is one.');
    }
    const name = variant === undefined ? (channel === 'y' ? 'ssim_y' : 'ssim') : 'ssim_3d';
    this.columns = [{ name, better: 'higher', digits: 4 }];
    this.minimumSide = (variant === undefined ? gaussian.length : 1) + 2 * options.cropBorder; // in three dimensions, windows reach beyond the image
  }

  measure(restored: Image, sharp: Image): number[] {
    const { channel, cropBorder, variant } = this.options;
    const chosen = variant === undefined ? SSIM_VARIANTS.gaussian : SSIM_VARIANTS.threeDimensional;
    return [ssim(restored, sharp, channel, cropBorder, chosen)];
  }
}
