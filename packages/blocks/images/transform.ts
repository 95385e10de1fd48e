import type { Image, Window } from './image.ts';

/** The image mirrored left and right. */
export function flip(image: Image): Image {
  return remap(image, image.width, image.height, (x, y) => [image.width - 1 - x, y]);
}

/** The image turned clockwise by so many quarter turns. */
export function quarterTurn(image: Image, turns: number): Image {
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
function remap(image: Image, width: number, height: number, from: (x: number, y: number) => [number, number]): Image {
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
  return { width, height, data };
}

/** Space for so many pixels of the same type. */
function empty({ data }: Image, width: number, height: number): Image['data'] {
  const length = width * height * 3;
  return data instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
}
