/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A part of an image, in pixels. */
export interface Window extends Size {
  readonly left: number;
  readonly top: number;
}

/**
 * An RGB image, rows of interleaved pixels (HWC), values 0 .. 255. Files and what methods return have 8 bits; only a
 * degradation that does not round gives fractions.
 */
export interface Image extends Size {
  readonly data: Uint8Array | Float32Array;
}

export function whole({ width, height }: Size): Window {
  return { left: 0, top: 0, width, height };
}

/** The pixels of images of one size one after the other, as a batch holds them: NHWC float32 in [0, 1]. */
export function stackImages(images: readonly Image[]): Float32Array {
  const size = images[0]!.data.length;
  const values = new Float32Array(images.length * size);
  images.forEach(({ data }, n) => {
    if (data instanceof Uint8Array) for (let i = 0; i < size; i++) values[n * size + i] = EIGHT_BITS[data[i]!]!;
    else for (let i = 0; i < size; i++) values[n * size + i] = data[i]! / 255;
  });
  return values;
}

/** v / 255 of each value v of 8 bits. */
const EIGHT_BITS = Float32Array.from({ length: 256 }, (_, value) => value / 255);
