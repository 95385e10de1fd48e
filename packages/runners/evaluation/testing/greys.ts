import type { Dataset, Image } from '@dualprior/blocks';
import { Random } from '@dualprior/core';

/** The value of all sharp images of `greys`. */
export const SHARP = 100;

/** Images of one grey each, of which the degraded ones are darker by these values. */
export function greys(darker: readonly number[], side: number): Dataset {
  const indices = new WeakMap<Image, number>();
  return {
    length: darker.length,
    random: new Random(0),
    name: (index) => `grey-${index}.png`,
    size: () => ({ width: side, height: side }),
    file: () => undefined,
    read: async (index) => {
      const image = flat(SHARP, side);
      indices.set(image, index);
      return image;
    },
    hasSharp: true,
    degraded: 'made',
    degrade: async (sharp) => flat(SHARP - darker[indices.get(sharp)!]!, side),
    heldOut: undefined,
    prepare: async () => undefined,
  };
}

function flat(value: number, side: number): Image {
  return { width: side, height: side, data: new Uint8Array(side * side * 3).fill(value) };
}
