import { UserError } from '@dualprior/core';
import type { Image } from '../../images/image.ts';
import type { Plane } from '../planes/plane.ts';
import { gaussianWindow } from '../planes/window.ts';
import { fitAsymmetric } from './asymmetric-gaussian.ts';

/** Side of the Gaussian window, and its standard deviation, in pixels. */
const WINDOW = 7;
const SIGMA = 7 / 6;
/** Keeps the contrast from zero: 1 of 255 grey levels. */
const FLOOR = 1 / 255;

/** The smallest side of which both scales have statistics. */
export const LEAST_SIDE = 16;

/**
 * The 36 features of BRISQUE (Mittal et al., 2012), as the package `brisque` computes them: 18 of the image and 18 of it at half its size. Undefined where
 * the image has no structure, so that nothing can be fitted.
 */
export function naturalSceneFeatures(image: Image): number[] | undefined {
  const { width, height } = image;
  if (Math.min(width, height) < LEAST_SIDE) {
    throw new UserError(`brisque: an image is ${width}x${height}, but its sides must be at least ${LEAST_SIDE}.`);
  }
  const grey = toGrey(image);
  const features = [...featuresOf(grey), ...featuresOf(halved(grey))];
  return features.every(Number.isFinite) ? features : undefined;
}

/** Luminance as in scikit-image's `rgb2gray`, in 0 .. 1. */
function toGrey({ width, height, data }: Image): Plane {
  const grey = new Float64Array(width * height);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = (0.2125 * data[3 * i]! + 0.7154 * data[3 * i + 1]! + 0.0721 * data[3 * i + 2]!) / 255;
  }
  return { width, height, data: grey };
}

function featuresOf(plane: Plane): number[] {
  const normalised = normalise(plane);
  const own = fitAsymmetric(normalised.data);
  const features = [own.shape, (own.left ** 2 + own.right ** 2) / 2];
  for (const [dx, dy] of NEIGHBOURS) {
    const { shape, mean, left, right } = fitAsymmetric(products(normalised, dx, dy));
    features.push(shape, mean, left ** 2, right ** 2);
  }
  return features;
}

/** Right, below, and on the two diagonals. */
const NEIGHBOURS = [
  [1, 0],
  [0, 1],
  [1, 1],
  [-1, 1],
] as const;

/** Each pixel less the mean around it, divided by the contrast around it. */
function normalise({ width, height, data }: Plane): Plane {
  const mean = blurred({ width, height, data });
  const squares = blurred({ width, height, data: data.map((value) => value ** 2) });
  const normalised = data.map((value, i) => {
    const contrast = Math.sqrt(Math.abs(mean[i]! ** 2 - squares[i]!));
    return (value - mean[i]!) / (contrast + FLOOR);
  });
  return { width, height, data: normalised };
}

const TAPS = gaussianWindow(WINDOW, SIGMA);

/** The mean under a Gaussian window; black lies beyond the border. */
function blurred({ width, height, data }: Plane): Float64Array {
  const pass = (source: Float64Array, step: number, place: (i: number) => number, length: number) =>
    source.map((_, i) => {
      const at = place(i);
      let sum = 0;
      for (let k = 0; k < WINDOW; k++) {
        const offset = k - (WINDOW - 1) / 2;
        if (at + offset >= 0 && at + offset < length) sum += TAPS[k]! * source[i + offset * step]!;
      }
      return sum;
    });
  const across = pass(data, 1, (i) => i % width, width);
  return pass(across, width, (i) => Math.floor(i / width), height);
}

/** Each pixel times its neighbour in this direction. */
function products({ width, height, data }: Plane, dx: number, dy: number): Float64Array {
  const [first, last] = [Math.max(0, -dx), width - Math.max(0, dx)];
  const found = new Float64Array((last - first) * (height - dy));
  let target = 0;
  for (let y = 0; y < height - dy; y++) {
    for (let x = first; x < last; x++) found[target++] = data[y * width + x]! * data[(y + dy) * width + x + dx]!;
  }
  return found;
}

/** Weights of OpenCV's bicubic interpolation (a = -0.75) in the middle between two pixels. */
const CUBIC = [-0.09375, 0.59375, 0.59375, -0.09375];

/** The image at half its size, as OpenCV's `resize` makes it without antialiasing; the edge pixel lies beyond the border. */
function halved({ width, height, data }: Plane): Plane {
  const [w, h] = [toEven(width / 2), toEven(height / 2)];
  const across = new Float64Array(w * height);
  for (let i = 0; i < across.length; i++) {
    const [x, y] = [i % w, Math.floor(i / w)];
    across[i] = middle(2 * x, width, (column) => data[y * width + column]!);
  }
  const down = new Float64Array(w * h);
  for (let i = 0; i < down.length; i++) {
    const [x, y] = [i % w, Math.floor(i / w)];
    down[i] = middle(2 * y, height, (row) => across[row * w + x]!);
  }
  return { width: w, height: h, data: down };
}

function middle(from: number, length: number, at: (index: number) => number): number {
  return CUBIC.reduce((sum, weight, k) => sum + weight * at(Math.min(length - 1, Math.max(0, from - 1 + k))), 0);
}

/** Rounded, halves to the even neighbour. */
function toEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
