import type { Image } from './image.ts';

/** How pixels of another size are made: the mean of the pixels that one covers, or of the nearest 2x2 or 4x4; or Lanczos's with three lobes. */
export type Interpolation = 'area' | 'bilinear' | 'bicubic' | 'lanczos';

/** The share that pixels of a row have in one of another length. */
interface Shares {
  readonly from: readonly number[];
  readonly weights: readonly number[];
}

/**
 * The image at another size. `lanczos`: as Pillow's `resize`, with antialiasing. The others, without: as PyTorch's `interpolate` (`align_corners=False`) and, for
 * `bilinear` and `bicubic`, OpenCV's `resize`. Values may leave the range 0 .. 255.
 */
export function interpolate(
  image: Image,
  width: number,
  height: number,
  by: Interpolation,
): Image & { readonly data: Float32Array } {
  const rows = across(image.data, image.height, image.width, shares(by, image.width, width));
  return { width, height, data: down(rows, width, shares(by, image.height, height)) };
}

function across(data: Image['data'], height: number, width: number, columns: readonly Shares[]): Float32Array {
  const out = new Float32Array(3 * height * columns.length);
  let target = 0;
  for (let y = 0; y < height; y++) {
    const row = 3 * width * y;
    for (const { from, weights } of columns) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = 0; k < from.length; k++) sum += weights[k]! * data[row + 3 * from[k]! + c]!;
        out[target++] = sum;
      }
    }
  }
  return out;
}

function down(data: Float32Array, width: number, rows: readonly Shares[]): Float32Array {
  const length = 3 * width;
  const out = new Float32Array(length * rows.length);
  rows.forEach(({ from, weights }, y) => {
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let k = 0; k < from.length; k++) sum += weights[k]! * data[from[k]! * length + i]!;
      out[y * length + i] = sum;
    }
  });
  return out;
}

function shares(by: Interpolation, from: number, to: number): Shares[] {
  return Array.from({ length: to }, (_, i) => {
    if (by === 'lanczos') return smoothed(from, from / to, i);
    if (by === 'area') return covered(Math.floor((i * from) / to), Math.ceil(((i + 1) * from) / to));
    const at = ((i + 0.5) * from) / to - 0.5;
    const near = by === 'bilinear' ? linear(Math.max(0, at)) : cubic(at);
    return { ...near, from: near.from.map((index) => Math.min(from - 1, Math.max(0, index))) };
  });
}

function covered(start: number, end: number): Shares {
  const from = Array.from({ length: end - start }, (_, i) => start + i);
  return { from, weights: from.map(() => 1 / from.length) };
}

/** The sinc up to its third zero, windowed by its main lobe; as wide as the pixels that are made, where these are larger than those there are. */
function smoothed(count: number, scale: number, index: number): Shares {
  const width = Math.max(1, scale);
  const middle = (index + 0.5) * scale;
  const first = Math.max(0, Math.floor(middle - LOBES * width + 0.5));
  const last = Math.min(count, Math.floor(middle + LOBES * width + 0.5));
  const from = Array.from({ length: last - first }, (_, k) => first + k);
  const weights = from.map((k) => lanczos((k + 0.5 - middle) / width));
  const sum = weights.reduce((a, b) => a + b, 0);
  return { from, weights: weights.map((weight) => weight / sum) };
}

const LOBES = 3;

function lanczos(x: number): number {
  return Math.abs(x) < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function linear(at: number): Shares {
  const left = Math.floor(at);
  return { from: [left, left + 1], weights: [1 - (at - left), at - left] };
}

/** Keys' kernel (1981) with a = -0.75. */
const A = -0.75;

function cubic(at: number): Shares {
  const left = Math.floor(at);
  const t = at - left;
  const near = (x: number) => ((A + 2) * x - (A + 3)) * x * x + 1;
  const far = (x: number) => ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
  return { from: [-1, 0, 1, 2].map((k) => left + k), weights: [far(t + 1), near(t), near(1 - t), far(2 - t)] };
}
