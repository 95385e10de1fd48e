import type { Image, Window } from '../../images/image.ts';
import type { Border } from './taps.ts';

/** In pixels. */
interface Margin {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The pixels of a window and of a margin around it, both of which may reach beyond the image: rows of interleaved channels (HWC). */
export function surroundings(
  { width, height, data }: Image,
  window: Window,
  { left, top, right, bottom }: Margin,
  border: Border,
): Float32Array {
  const along = (start: number, count: number, length: number) =>
    Array.from({ length: count }, (_, i) => beyond(start + i, length, border));
  const columns = along(window.left - left, left + window.width + right, width);
  const rows = along(window.top - top, top + window.height + bottom, height);
  const pixels = new Float32Array(rows.length * columns.length * 3);
  let target = 0;
  for (const y of rows) {
    for (const x of columns) {
      if (x >= 0 && y >= 0) {
        const source = 3 * (y * width + x);
        pixels[target] = data[source]!;
        pixels[target + 1] = data[source + 1]!;
        pixels[target + 2] = data[source + 2]!;
      }
      target += 3;
    }
  }
  return pixels;
}

/** The index that stands for one outside of 0 .. length-1, or -1 for black. */
function beyond(index: number, length: number, border: Border): number {
  if (index >= 0 && index < length) return index;
  if (border === 'zero') return -1;
  if (border === 'replicate' || length === 1) return index < 0 ? 0 : length - 1;
  const period = 2 * (length - 1);
  const folded = ((index % period) + period) % period;
  return folded < length ? folded : period - folded;
}
