import { whole, type Image, type Window } from '../../images/image.ts';
import { rounded } from './bytes.ts';
import { convolveNatively } from './native-convolution.ts';
import { surroundings } from './surroundings.ts';
import type { Border, Taps } from './taps.ts';

/**
 * Convolution (the kernel is turned over): `out[p] = sum_k kernel[k] image[p - k]`, of the size of the window, values 0 .. 255. Only the window
 * and what the kernel reaches around it is looked at; each number is the one that the whole image would have there.
 */
export function convolve(image: Image, taps: Taps, border: Border, window: Window = whole(image)): Float32Array {
  const out = new Float32Array(3 * window.width * window.height);
  return convolveNatively(image, taps, border, window, out) ?? convolveHere(image, taps, border, window);
}

/** The same, rounded to 8 bits. */
export function convolveToBytes(image: Image, taps: Taps, border: Border, window: Window = whole(image)): Uint8Array {
  const out = new Uint8Array(3 * window.width * window.height);
  return convolveNatively(image, taps, border, window, out) ?? rounded(convolveHere(image, taps, border, window));
}

/** `convolve` in JavaScript, which the faster form equals bit for bit. */
export function convolveHere(image: Image, { dx, dy, weight }: Taps, border: Border, window: Window): Float32Array {
  const { width, height } = window;
  const [left, top] = [Math.max(...dx), Math.max(...dy)];
  const [right, bottom] = [-Math.min(...dx), -Math.min(...dy)];
  const padded = surroundings(image, window, { left, top, right, bottom }, border);
  const stride = 3 * (left + width + right);
  const offsets = Int32Array.from(dx, (x, k) => (top - dy[k]!) * stride + 3 * (left - x));
  const out = new Float32Array(3 * width * height);
  const row = new Float64Array(3 * width);
  for (let y = 0; y < height; y++) {
    row.fill(0);
    addRow(row, padded, y * stride, offsets, weight);
    out.set(row, y * row.length);
  }
  return out;
}

/** Adds every tap's share to one row, in groups of four. Two groups a pass: a row is then read and written an eighth as often. */
function addRow(
  row: Float64Array,
  padded: Float32Array,
  start: number,
  offsets: Int32Array,
  weights: Float64Array,
): void {
  const { length } = row;
  let k = 0;
  for (; k + 8 <= weights.length; k += 8) {
    const [a, b, c, d] = [weights[k]!, weights[k + 1]!, weights[k + 2]!, weights[k + 3]!];
    const [e, f, g, h] = [weights[k + 4]!, weights[k + 5]!, weights[k + 6]!, weights[k + 7]!];
    const atA = start + offsets[k]!;
    const atB = start + offsets[k + 1]!;
    const atC = start + offsets[k + 2]!;
    const atD = start + offsets[k + 3]!;
    const atE = start + offsets[k + 4]!;
    const atF = start + offsets[k + 5]!;
    const atG = start + offsets[k + 6]!;
    const atH = start + offsets[k + 7]!;
    for (let i = 0; i < length; i++) {
      const first = a * padded[atA + i]! + b * padded[atB + i]! + c * padded[atC + i]! + d * padded[atD + i]!;
      const second = e * padded[atE + i]! + f * padded[atF + i]! + g * padded[atG + i]! + h * padded[atH + i]!;
      row[i] = row[i]! + first + second;
    }
  }
  for (; k + 4 <= weights.length; k += 4) {
    const [a, b, c, d] = [weights[k]!, weights[k + 1]!, weights[k + 2]!, weights[k + 3]!];
    const atA = start + offsets[k]!;
    const atB = start + offsets[k + 1]!;
    const atC = start + offsets[k + 2]!;
    const atD = start + offsets[k + 3]!;
    for (let i = 0; i < length; i++) {
      row[i]! += a * padded[atA + i]! + b * padded[atB + i]! + c * padded[atC + i]! + d * padded[atD + i]!;
    }
  }
  for (; k < weights.length; k++) {
    const w = weights[k]!;
    const at = start + offsets[k]!;
    for (let i = 0; i < length; i++) row[i]! += w * padded[at + i]!;
  }
}

/** Convolution with a row of weights and with the same as a column; the image is mirrored beyond its border. */
export function separably(image: Image, row: Float64Array, window: Window = whole(image)): Float32Array {
  const middle = (row.length - 1) / 2;
  const along = Int16Array.from(row, (_, i) => i - middle);
  const none = new Int16Array(row.length);
  const { left, width } = window;
  const strip: Window = { left, top: 0, width, height: image.height };
  const data = convolve(image, { dx: along, dy: none, weight: row }, 'reflect', strip);
  const across: Image = { width, height: image.height, data };
  return convolve(across, { dx: none, dy: along, weight: row }, 'reflect', { ...window, left: 0 });
}
