import type { Image } from '../../images/image.ts';
import { interpolate } from '../../images/interpolate.ts';

/** Side of a patch. */
export const PATCH = 32;
/** Length of the longer side of each scale but the last, which is the image as it is. */
const LONGER_SIDES = [224, 384];
/** Side of the square grid of positions. */
export const GRID = 10;
/** The number of scales of an image. */
export const SCALES = LONGER_SIDES.length + 1;

/** What the network sees of an image: its patches at all scales. */
export interface Patches {
  readonly count: number;
  /** (count, 32, 32, 3), in [-1, 1]; zeros beyond the border. */
  readonly values: Float32Array;
  /** Cell of the grid that each patch lies in, GRID row + column. */
  readonly cells: Int32Array;
  /** Scale of each. */
  readonly scales: Int32Array;
}

/**
 * MUSIQ's patches of an 8-bit image (Ke et al. 2021, section 3.2; pyiqa/data/multiscale_trans_util.py). Scales are made by PyTorch's bicubic
 * interpolation, as pyiqa does. Its empty patches, which fill short rows up and are masked, are left out.
 */
export function patchesOf(image: Image): Patches {
  const longer = Math.max(image.width, image.height);
  const scaled = LONGER_SIDES.map((side) => {
    const [width, height] = [image.width, image.height].map((length) => toEven((length * side) / longer));
    return interpolate(image, Math.max(1, width!), Math.max(1, height!), 'bicubic');
  });
  const parts = [...scaled, image].map(cut);
  const count = parts.reduce((sum, part) => sum + part.cells.length, 0);
  const values = new Float32Array(count * PATCH * PATCH * 3);
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  return {
    count,
    values,
    cells: Int32Array.from(parts.flatMap(({ cells }) => cells)),
    scales: Int32Array.from(parts.flatMap(({ cells }, scale) => cells.map(() => scale))),
  };
}

function cut({ width, height, data }: Image): { values: Float32Array; cells: number[] } {
  const [columns, rows] = [Math.ceil(width / PATCH), Math.ceil(height / PATCH)];
  const left = Math.floor((columns * PATCH - width) / 2);
  const top = Math.floor((rows * PATCH - height) / 2);
  const values = new Float32Array(rows * columns * PATCH * PATCH * 3);
  for (let y = 0; y < height; y++) {
    const [row, inY] = [Math.floor((y + top) / PATCH), (y + top) % PATCH];
    for (let x = 0; x < width; x++) {
      const [column, inX] = [Math.floor((x + left) / PATCH), (x + left) % PATCH];
      const target = 3 * (((row * columns + column) * PATCH + inY) * PATCH + inX);
      for (let c = 0; c < 3; c++) values[target + c] = (data[3 * (y * width + x) + c]! / 255 - 0.5) * 2;
    }
  }
  const cells = Array.from({ length: rows * columns }, (_, i) => {
    return GRID * cell(Math.floor(i / columns), rows) + cell(i % columns, columns);
  });
  return { values, cells };
}

/** The nearest of the grid's cells for patch i of so many: floor(i 10 / count) in float32, as PyTorch interpolates. */
function cell(i: number, count: number): number {
  return Math.min(GRID - 1, Math.floor(Math.fround(i * Math.fround(GRID / count))));
}

/** To the nearest whole number, halves to the even one, as Python rounds. */
function toEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
