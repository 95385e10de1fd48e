import { Random } from '@dualprior/core';
import type { Picture } from '../picture.ts';

/** A picture of waves, one half of them fainter and one brighter, so that means over parts of it differ; with some noise. */
export function wavyPicture(width: number, height: number): Picture & { readonly data: Uint8Array } {
  const noise = new Random(1).stream('noise');
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const wave = Math.sin(x / (9 + c) + y / 31) * (x > width / 2 ? 60 : 20);
    data[i] = 110 + wave + (y > height / 2 ? 40 : 0) + noise.integer(21) - 10;
  }
  return { width, height, data, white: 255 };
}

/** The largest difference, in levels of 8 bits. */
export function levelsBetween(a: Float32Array, b: Float32Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most * 255;
}
