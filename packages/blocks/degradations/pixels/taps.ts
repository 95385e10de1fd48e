import type { Kernel } from '../../kernels/kernels.ts';

/** The weights of a kernel that are not zero (those of traces are few), and their offsets from its middle. */
export interface Taps {
  readonly dx: Int16Array;
  readonly dy: Int16Array;
  readonly weight: Float64Array;
}

export function taps({ size, data }: Kernel): Taps {
  const middle = (size - 1) / 2;
  const used = Array.from(data.keys()).filter((at) => data[at] !== 0);
  return {
    dx: Int16Array.from(used, (at) => (at % size) - middle),
    dy: Int16Array.from(used, (at) => Math.floor(at / size) - middle),
    weight: Float64Array.from(used, (at) => data[at]!),
  };
}

/** All weights of the kernel of this side: rows. */
export function dense({ dx, dy, weight }: Taps, side: number): Float32Array {
  const middle = (side - 1) / 2;
  const weights = new Float32Array(side * side);
  weight.forEach((value, k) => (weights[(dy[k]! + middle) * side + dx[k]! + middle] = value));
  return weights;
}

/** What lies beyond the border: the image mirrored (edge pixel not repeated), its edge pixel, or black. */
export type Border = 'reflect' | 'replicate' | 'zero';
