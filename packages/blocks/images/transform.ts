import type { Image, Size, Window } from './image.ts';

/** Rows of interleaved RGB pixels, of whatever numbers. */
export interface Pixels extends Size {
  readonly data: Uint8Array | Uint16Array | Float32Array;
}

/** The image mirrored left and right. */
export function flip<P extends Pixels>(image: P): P {
  const { width, height } = image;
  return remap(image, { width, height }, width - 1, -1, width);
}

/** The image turned clockwise by so many quarter turns. */
export function quarterTurn<P extends Pixels>(image: P, turns: number): P {
  const { width, height } = image;
  const turned = { width: height, height: width };
  switch (((turns % 4) + 4) % 4) {
    case 1:
      return remap(image, turned, (height - 1) * width, -width, 1);
    case 2:
      return remap(image, { width, height }, height * width - 1, -1, -width);
    case 3:
      return remap(image, turned, width - 1, width, -1);
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

/** An image of this size whose pixel (x, y) is pixel `start + x * across + y * down` of another one, counted along its rows. */
function remap<P extends Pixels>(image: P, { width, height }: Size, start: number, across: number, down: number): P {
  const { data: from } = image;
  const data = empty(image, width, height);
  let target = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0, source = 3 * (start + y * down); x < width; x++, source += 3 * across) {
      data[target++] = from[source]!;
      data[target++] = from[source + 1]!;
      data[target++] = from[source + 2]!;
    }
  }
  return { ...image, width, height, data };
}

/** Space for so many pixels of the same type. */
function empty<P extends Pixels>({ data }: P, width: number, height: number): P['data'] {
  return new (data.constructor as new (length: number) => P['data'])(width * height * 3);
}
