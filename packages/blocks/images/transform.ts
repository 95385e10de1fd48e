import type { Image, Size, Window } from './image.ts';

/** Rows of interleaved RGB pixels, of whatever numbers. */
export interface Pixels extends Size {
  readonly data: Uint8Array | Uint16Array | Float32Array;
}

/** The image mirrored left and right. */
export function flip<P extends Pixels>(image: P): P {
  return remap(image, image.width, image.height, (x, y) => [image.width - 1 - x, y]);
}

/** The image turned clockwise by so many quarter turns. */
export function quarterTurn<P extends Pixels>(image: P, turns: number): P {
  const { width, height } = image;
  switch (((turns % 4) + 4) % 4) {
    case 1:
      return remap(image, height, width, (x, y) => [y, height - 1 - x]);
    case 2:
      return remap(image, width, height, (x, y) => [width - 1 - x, height - 1 - y]);
    case 3:
      return remap(image, height, width, (x, y) => [width - 1 - y, x]);
    default:
      return image;
  }
}

/** A part of the image. */
export function crop(image: Image, { left, top, width, height }: Window): Image {
  const data = empty(image, width, height);
  for (let y = 0; y < height; y++) {
    const start = 3 * ((top + y) * image.width + left);
    data.set(image.data.subarray(start, start + 3 * width), 3 * y * width);
  }
  return { width, height, data };
}

/** An image of this size whose pixel (x, y) is the pixel `from(x, y)` of another one. */
function remap<P extends Pixels>(
  image: P,
  width: number,
  height: number,
  from: (x: number, y: number) => [number, number],
): P {
  const data = empty(image, width, height);
  let target = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = from(x, y);
      const source = 3 * (row * image.width + column);
      data[target++] = image.data[source]!;
      data[target++] = image.data[source + 1]!;
      data[target++] = image.data[source + 2]!;
    }
  }
  return { ...image, width, height, data };
}

/** Space for so many pixels of the same type. */
function empty<P extends Pixels>({ data }: P, width: number, height: number): P['data'] {
  return new (data.constructor as new (length: number) => P['data'])(width * height * 3);
}
