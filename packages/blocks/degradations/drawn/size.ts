import { Type, type Static } from '@sinclair/typebox';
import { UserError, type Stream } from '@dualprior/core';
import { refuseDescending } from './range.ts';

const odd = Type.Integer({ minimum: 3, maximum: 101 });

/** The side of a kernel: an odd number, or the ends between which an odd one is drawn for each image. */
export const sizeOption = (fixed: number | [number, number]) =>
  Type.Union([odd, Type.Tuple([odd, odd])], {
    default: fixed,
    description: 'side of the kernel in pixels, odd, or [least, greatest], from which it is drawn for each image',
  });

/** Draws odd numbers, uniformly. Errors: one end is even, or the ends are the wrong way round. */
export function drawingSize(size: Static<ReturnType<typeof sizeOption>>): (stream: Stream) => number {
  const [least, greatest] = typeof size === 'number' ? [size, size] : size;
  if (least % 2 === 0 || greatest % 2 === 0) {
    throw new UserError(`size is ${JSON.stringify(size)}, but a kernel has an odd side.`);
  }
  refuseDescending('size', [least, greatest]);
  if (least === greatest) return () => least;
  return (stream) => least + 2 * stream.integer((greatest - least) / 2 + 1);
}
