import type { Image } from '../../images/image.ts';

/** sRGB's transfer function (IEC 61966-2-1), both in [0, 1]. */
function toLinear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Its inverse. */
function toSrgb(value: number): number {
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}

const LINEAR = Float32Array.from({ length: 256 }, (_, level) => 255 * toLinear(level / 255));

/**
 * The light that made an image, in proportion: values 0 .. 255 times `white`.
 * @param white how bright a pixel is taken to be that is clipped in any channel, as a multiple of the brightest that is not
 */
export function light({ width, height, data }: Image, white: number): Image {
  const linear = new Float32Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const isClipped = data[i]! >= 255 || data[i + 1]! >= 255 || data[i + 2]! >= 255;
    const factor = isClipped ? white : 1;
    for (let c = i; c < i + 3; c++) {
      const level = data[c]!;
      const value =
        data instanceof Uint8Array ? LINEAR[level]! : 255 * toLinear(Math.min(Math.max(level, 0), 255) / 255);
      linear[c] = factor * value;
    }
  }
  return { width, height, data: linear };
}

/** The image that light makes on a sensor that clips at 255, in place. */
export function exposed(linear: Float32Array): Float32Array {
  for (let i = 0; i < linear.length; i++) {
    linear[i] = 255 * toSrgb(Math.min(Math.max(linear[i]!, 0), 255) / 255);
  }
  return linear;
}
