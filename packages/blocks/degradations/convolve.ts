import type { Image } from '../data/image.ts';
import type { Kernel } from '../kernels/kernels.ts';

/** What lies beyond the border: the image mirrored (edge pixel not repeated), its edge pixel, or black. */
export type Border = 'reflect' | 'replicate' | 'zero';

/** One weight of a kernel, at an offset from its middle. */
interface Tap {
  readonly dx: number;
  readonly dy: number;
  readonly weight: number;
}

/** The weights of a kernel that are not zero: traces are thin, so these are few. */
export function taps({ size, data }: Kernel): Tap[] {
  const middle = (size - 1) / 2;
  return Array.from(data, (weight, at) => ({
    dx: (at % size) - middle,
    dy: Math.floor(at / size) - middle,
    weight,
  })).filter(({ weight }) => weight > 0);
}

/** Convolution (the kernel is turned over): `out[p] = sum_k kernel[k] image[p - k]`, of equal size, values 0 .. 255. */
export function convolve(image: Image, kernel: readonly Tap[], border: Border): Float32Array {
  const { width, height } = image;
  const radius = kernel.reduce((most, { dx, dy }) => Math.max(most, Math.abs(dx), Math.abs(dy)), 0);
  const padded = pad(image, radius, border);
  const stride = 3 * (width + 2 * radius);
  const row = 3 * width;
  const out = new Float32Array(height * row);
  for (const { dx, dy, weight } of kernel) {
    for (let y = 0; y < height; y++) {
      const source = (y + radius - dy) * stride + 3 * (radius - dx);
      const target = y * row;
      for (let i = 0; i < row; i++) out[target + i]! += weight * padded[source + i]!;
    }
  }
  return out;
}

function pad({ width, height, data }: Image, radius: number, border: Border): Float32Array {
  const columns = Array.from({ length: width + 2 * radius }, (_, x) => beyond(x - radius, width, border));
  const rows = Array.from({ length: height + 2 * radius }, (_, y) => beyond(y - radius, height, border));
  const padded = new Float32Array(rows.length * columns.length * 3);
  let target = 0;
  for (const y of rows) {
    for (const x of columns) {
      if (x >= 0 && y >= 0) {
        const source = 3 * (y * width + x);
        padded[target] = data[source]!;
        padded[target + 1] = data[source + 1]!;
        padded[target + 2] = data[source + 2]!;
      }
      target += 3;
    }
  }
  return padded;
}

/** The index that stands for one outside of 0 .. length-1, or -1 for black. */
function beyond(index: number, length: number, border: Border): number {
  if (index >= 0 && index < length) return index;
  if (border === 'zero') return -1;
  if (border === 'replicate' || length === 1) return index < 0 ? 0 : length - 1;
  const period = 2 * (length - 1);
  const folded = ((index % period) + period) % period;
  return folded < length ? folded : period - folded;
}
