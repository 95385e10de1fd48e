import type { Image } from '../../images/image.ts';

/** The luma of each pixel (BT.601), in 0 .. 255. */
export function luma({ width, height, data }: Image): Float32Array {
  return Float32Array.from(
    { length: width * height },
    (_, i) => 0.299 * data[3 * i]! + 0.587 * data[3 * i + 1]! + 0.114 * data[3 * i + 2]!,
  );
}
