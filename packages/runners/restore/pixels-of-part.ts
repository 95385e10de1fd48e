import type { Window } from '@dualprior/blocks/nn';
import type { Picture } from './picture.ts';

/** The pixels of a part of a picture as fractions; where the part reaches past the picture's right or bottom border, mirrored ones. */
export function pixelsOfPart({ width, height, data, white }: Picture, part: Window): Float32Array {
  const values = new Float32Array(part.width * part.height * 3);
  let target = 0;
  for (let y = part.top; y < part.top + part.height; y++) {
    const row = mirrored(y, height) * width;
    for (let x = part.left; x < part.left + part.width; x++) {
      const source = 3 * (row + (x < width ? x : mirrored(x, width)));
      values[target++] = data[source]! / white;
      values[target++] = data[source + 1]! / white;
      values[target++] = data[source + 2]! / white;
    }
  }
  return values;
}

/** An index from 0 on of a row of so many pixels that is mirrored at both ends, without its last pixel twice: 0 1 2 1 0 1 ... */
function mirrored(index: number, count: number): number {
  if (index < count) return index;
  if (count === 1) return 0;
  const period = 2 * (count - 1);
  const phase = index % period;
  return phase < count ? phase : period - phase;
}
