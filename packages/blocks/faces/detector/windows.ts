import type { Size, Window } from '../../images/image.ts';

/** Windows are not smaller, in pixels: of these the detector sees each. */
const LEAST = 512;

/**
 * Parts of an image in which faces are looked for: the whole, and squares of half its longer side, a quarter, and so on, each half over the next, so that
 * a face is large enough in one of them.
 */
export function windowsOf({ width, height }: Size): Window[] {
  const longest = Math.max(width, height);
  const windows: Window[] = [{ left: 0, top: 0, width, height }];
  for (let side = Math.ceil(longest / 2); side >= LEAST; side = Math.ceil(side / 2)) {
    for (const [top, h] of along(height, side)) {
      for (const [left, w] of along(width, side)) windows.push({ left, top, width: w, height: h });
    }
  }
  return windows;
}

/** Begins and lengths of parts that lie half over each other. */
function along(length: number, side: number): (readonly [begin: number, length: number])[] {
  if (length <= side) return [[0, length]];
  const count = Math.ceil((length - side) / (side / 2)) + 1;
  return Array.from({ length: count }, (_, i) => [Math.round((i * (length - side)) / (count - 1)), side] as const);
}
