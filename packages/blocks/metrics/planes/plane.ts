import { UserError } from '@dualprior/core';
import type { Image } from '../../images/image.ts';

/** One channel of an image: rows of float64, in 0 .. 255. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float64Array;
}

/** What of an image is compared: the three channels, or the luma. */
export type Channel = 'rgb' | 'y';

/** The channels of an image, without a border of `cropBorder` pixels. Errors: `UserError` where nothing would remain. */
export function planes(image: Image, channel: Channel, cropBorder = 0): Plane[] {
  const width = image.width - 2 * cropBorder;
  const height = image.height - 2 * cropBorder;
  if (width < 1 || height < 1) {
    throw new UserError(`cropBorder ${cropBorder} leaves nothing of an image of ${image.width}x${image.height}.`);
  }
  const read = (value: (offset: number) => number): Plane => {
    const data = new Float64Array(width * height);
    for (let y = 0, target = 0; y < height; y++) {
      let source = 3 * ((y + cropBorder) * image.width + cropBorder);
      for (let x = 0; x < width; x++, source += 3) data[target++] = value(source);
    }
    return { width, height, data };
  };
  const { data } = image;
  if (channel === 'y') return [read((i) => luma(data[i]!, data[i + 1]!, data[i + 2]!))];
  return [0, 1, 2].map((c) => read((i) => data[i + c]!));
}

/** Y of YCbCr, 16 .. 235, not rounded, of R, G and B in 0 .. 255 (BT.601, limited range; MATLAB's rgb2ycbcr). */
function luma(r: number, g: number, b: number): number {
  return 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255;
}

/** Errors: the images differ in size. */
export function checkSameSize(restored: Image, sharp: Image): void {
  if (restored.width !== sharp.width || restored.height !== sharp.height) {
    const size = ({ width, height }: Image) => `${width}x${height}`;
    throw new UserError(`A restored image of ${size(restored)} cannot be compared with a sharp one of ${size(sharp)}.`);
  }
}
