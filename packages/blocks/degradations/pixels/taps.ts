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

/** What lies beyond the border: the image mirrored (edge pixel not repeated), its edge pixel, or black. */
export type Border = 'reflect' | 'replicate' | 'zero';
