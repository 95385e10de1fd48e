import { planes, psnr, ssim, SSIM_VARIANTS, type Channel, type Image } from '@dualprior/blocks';
import { UserError, type NdArray } from '@dualprior/core';
import { scalar, type Golden, type GoldenFamily } from '../golden.ts';

/**
 * Cases of `psnr_ssim`: pairs of 8-bit images `PAIR.img1`, `PAIR.img2` and their metrics. BasicSR and NAFNet take the
 * stored channels as B, G, R.
 */
export const psnrSsim: GoldenFamily = {
  knows: ({ manifest }) => String(manifest.config.arch).startsWith('BasicSR / skimage / NAFNet metrics'),

  compute(golden) {
    return new Map(
      golden.outputs.map((name): [string, NdArray] => {
        const [pair, metric] = split(name);
        return [name, measure(metric, bgrImage(golden, `${pair}.img1`), bgrImage(golden, `${pair}.img2`))];
      }),
    );
  },
};

function split(name: string): [string, string] {
  const dot = name.indexOf('.');
  return [name.slice(0, dot), name.slice(dot + 1)];
}

const SSIM_NAMES: Record<string, keyof typeof SSIM_VARIANTS> = {
  skimage_ssim_gauss: 'gaussian',
  skimage_ssim_gauss_samplecov: 'gaussianSampleCovariance',
  skimage_ssim_default: 'uniform',
  nafnet_ssim_3d: 'threeDimensional',
  nafnet_ssim_y: 'wholeImage',
};

/** `metric`: `y1`, `psnr_rgb`, `ssim_y_crop4`, `nafnet_ssim_3d`, ... */
function measure(metric: string, first: Image, second: Image): NdArray {
  if (metric === 'y1') return lumaArray(first);
  if (metric === 'y2') return lumaArray(second);
  const [, name = metric, channel, border = '0'] = /^(.*?)(?:_(rgb|y))?(?:_crop(\d+))?$/.exec(metric) ?? [];
  const chosen: Channel = channel === 'y' ? 'y' : 'rgb';
  const variant = (channel === 'y' ? SSIM_NAMES[`${name}_y`] : undefined) ?? SSIM_NAMES[name];
  if (variant) return scalar(ssim(first, second, chosen, Number(border), SSIM_VARIANTS[variant]));
  if (name === 'ssim') return scalar(ssim(first, second, chosen, Number(border)));
  if (/^((skimage|nafnet)_)?psnr$/.test(name)) return scalar(psnr(first, second, chosen, Number(border)));
  throw new UserError(`There is no metric for the golden tensor "${metric}".`);
}

function lumaArray(image: Image): NdArray {
  return { shape: [image.height, image.width, 1], values: planes(image, 'y')[0]!.data };
}

function bgrImage(golden: Golden, tensor: string): Image {
  const { shape, values } = golden.array(tensor);
  const [height, width] = shape as [number, number];
  const data = Uint8Array.from(values as Uint8Array);
  for (let i = 0; i < data.length; i += 3) [data[i], data[i + 2]] = [data[i + 2]!, data[i]!];
  return { width, height, data };
}
