import { loaded } from './loaded.ts';
import type { FileBytes } from './metadata.ts';

/** Side of the pictures that are compared, in pixels. */
const SIDE = 32;

/**
 * Whether the browser turns a photograph as its EXIF says. Of JPEG all do; of PNG some, and of WebP Chromium does not.
 * @param image the photograph as the browser has it
 * @param upright its EXIF with the orientation of what is not to be turned, as long as its own, which lies at `at` in the file
 */
export async function isTurned(image: HTMLImageElement, file: Blob, upright: FileBytes, at: number): Promise<boolean> {
  const unturned = new Blob([file.slice(0, at), upright, file.slice(at + upright.length)], { type: file.type });
  const url = URL.createObjectURL(unturned);
  try {
    const other = await loaded(url);
    if (image.naturalWidth !== other.naturalWidth) return true;
    const pixels = small(other);
    return small(image).some((value, i) => value !== pixels[i]);
  } finally {
    URL.revokeObjectURL(url);
  }
}

function small(image: HTMLImageElement): Uint8ClampedArray {
  const canvas = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE });
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.drawImage(image, 0, 0, SIDE, SIDE);
  return context.getImageData(0, 0, SIDE, SIDE).data;
}
