import type { Image, Kernel } from '@dualprior/blocks';

/** A kernel as a picture: its largest weight is white. Enlarged so that its side is about `side` pixels. */
export function kernelImage({ size, data }: Kernel, side: number): Image {
  const zoom = Math.max(1, Math.floor(side / size));
  const width = size * zoom;
  const largest = data.reduce((most, weight) => Math.max(most, weight), 0);
  const pixels = new Uint8Array(width * width * 3);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      const weight = data[Math.floor(y / zoom) * size + Math.floor(x / zoom)]!;
      // The eye needs a gamma here: most of a trace is fainter than its brightest point.
      pixels.fill(Math.round(255 * (weight / largest) ** 0.6), 3 * (y * width + x), 3 * (y * width + x) + 3);
    }
  }
  return { width, height: width, data: pixels };
}

/** The longer side of the smallest rectangle that holds all values above a thousandth of the largest, in pixels. */
export function supportSize({ size, data }: Kernel): number {
  const threshold = data.reduce((most, weight) => Math.max(most, weight), 0) / 1000;
  let [left, right, top, bottom] = [size, -1, size, -1];
  data.forEach((weight, at) => {
    if (weight <= threshold) return;
    const [x, y] = [at % size, Math.floor(at / size)];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
  });
  return Math.max(right - left, bottom - top) + 1;
}
