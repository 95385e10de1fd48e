import { separably } from '../degradations/pixels/convolve.ts';
import type { Image, Window } from '../images/image.ts';
import { interpolate } from '../images/interpolate.ts';
import { crop } from '../images/transform.ts';
import { gaussianRow } from '../kernels/bivariate.ts';
import { inImage, sideOf, type Point, type Square } from './face-square.ts';

type FloatImage = Image & { readonly data: Float32Array };

/** How many times as fine as the result the image is sampled along each side (officially 4096 for 1024). */
const FINER = 4;

/** Standard deviation of the blur of what is mirrored, as a part of the square's side. */
const BLUR = 0.02;
/** The blur leaves out what is further away than so many standard deviations. */
const CUT_OFF = 4;

/** What is made smaller reaches so many of the smaller pixels further than what is kept of it, so that its edge does not matter. */
const MARGIN = 4;

/** Values of a channel are counted in steps of 1 / this for their median. */
const STEPS = 16;

/**
 * What a square of an image shows, upright, as FFHQ's crops are made (ffhq-dataset:download_ffhq.py, recreate_aligned_images): where the square reaches past the
 * border, mirrored pixels that fade into their blur and into the median colour.
 * @param side of the result, in pixels
 * @param keepsImage whether only what is added fades; officially, the image does as well near its border
 * @returns fractions of levels, 0 .. 255
 */
export function alignFace(image: Image, square: Square, side: number, keepsImage = false): FloatImage {
  const near = around(...shrunken(image, square, side));
  const ready = filled(...near, keepsImage);
  const fine = FINER * side;
  return interpolate({ width: fine, height: fine, data: sampled(...ready, fine) }, side, side, 'lanczos');
}

type Part = [image: Image, square: Square];

/** Shrinks an image that is far too large. */
function shrunken(image: Image, square: Square, side: number): Part {
  const factor = Math.floor((sideOf(square) / side) * 0.5);
  if (factor <= 1) return [image, square];
  const border = borderOf(square) + MARGIN * factor;
  const { left, top, right, bottom } = bounds(square);
  const from = (place: number) => Math.max(0, Math.floor((place - border) / factor) * factor);
  const to = (place: number, end: number) => Math.min(end, Math.ceil((place + border) / factor) * factor);
  const part = windowOf(from(left), from(top), to(right, image.width), to(bottom, image.height));
  const cut = crop(image, part);
  const small = interpolate(cut, Math.round(part.width / factor), Math.round(part.height / factor), 'lanczos');
  return [small, scaled(moved(square, -part.left, -part.top), 1 / factor)];
}

/** Only what the square shows, and a little around it. */
function around(image: Image, square: Square): Part {
  const border = borderOf(square);
  const { left, top, right, bottom } = bounds(square);
  const part = windowOf(
    Math.max(left - border, 0),
    Math.max(top - border, 0),
    Math.min(right + border, image.width),
    Math.min(bottom + border, image.height),
  );
  return [crop(image, part), moved(square, -part.left, -part.top)];
}

/** With mirrored pixels around, where the square reaches past the border or nearly so. */
function filled(image: Image, square: Square, keepsImage: boolean): Part {
  const border = borderOf(square);
  const { left, top, right, bottom } = bounds(square);
  const lacking = [-left, -top, right - image.width, bottom - image.height].map((length) =>
    Math.max(length + border, 0),
  );
  if (Math.max(...lacking) <= border - 4) return [image, square];
  const [l, t, r, b] = lacking.map((length) => Math.max(length, Math.round(0.3 * sideOf(square)))) as [
    number,
    number,
    number,
    number,
  ];
  const whole = mirrored(image, { left: l, top: t, right: r, bottom: b });
  const { width, height, data } = whole;
  /** How far a pixel is outside: 1 at the edge of what was added, 0 where the image begins, less inside. */
  const outside = (x: number, y: number) =>
    Math.max(1 - Math.min(x / l, (width - 1 - x) / r), 1 - Math.min(y / t, (height - 1 - y) / b));
  const sigma = BLUR * sideOf(square);
  const blurred = separably(whole, gaussianRow(2 * Math.round(CUT_OFF * sigma) + 1, sigma));
  blend(
    whole,
    (i) => blurred[i]!,
    (x, y) => 3 * outside(x, y) + (keepsImage ? 0 : 1),
  );
  const middle = [0, 1, 2].map((c) => median(data, c));
  blend(whole, (i) => middle[i % 3]!, outside);
  return [whole, moved(square, l, t)];
}

function mirrored(
  image: Image,
  { left, top, right, bottom }: Record<'left' | 'top' | 'right' | 'bottom', number>,
): FloatImage {
  const [width, height] = [image.width + left + right, image.height + top + bottom];
  const data = new Float32Array(width * height * 3);
  const columns = Array.from({ length: width }, (_, x) => reflected(x - left, image.width));
  for (let y = 0; y < height; y++) {
    const row = reflected(y - top, image.height) * image.width;
    columns.forEach((x, i) => {
      for (let c = 0; c < 3; c++) data[3 * (y * width + i) + c] = image.data[3 * (row + x) + c]!;
    });
  }
  return { width, height, data };
}

/** The place in a row of `count` pixels that a place outside shows: ... 2 1 0 1 2 ... */
function reflected(place: number, count: number): number {
  const period = Math.max(1, 2 * (count - 1));
  const phase = ((place % period) + period) % period;
  return phase < count ? phase : period - phase;
}

/** Takes the share of another value into each pixel. */
function blend(
  { width, height, data }: FloatImage,
  value: (index: number) => number,
  share: (x: number, y: number) => number,
): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const part = Math.min(1, Math.max(0, share(x, y)));
      if (part === 0) continue;
      const pixel = 3 * (y * width + x);
      for (let i = pixel; i < pixel + 3; i++) data[i]! += part * (value(i) - data[i]!);
    }
  }
}

function median(data: Float32Array, channel: number): number {
  const counts = new Uint32Array(256 * STEPS + 1);
  for (let i = channel; i < data.length; i += 3)
    counts[Math.max(0, Math.min(255 * STEPS, Math.round(data[i]! * STEPS)))]!++;
  let left = data.length / 3 / 2;
  const step = counts.findIndex((count) => (left -= count) <= 0);
  return step / STEPS;
}

/** The square at so many pixels a side, between the pixels of the image. */
function sampled({ width, height, data }: Image, square: Square, side: number): Float32Array {
  const values = new Float32Array(side * side * 3);
  let target = 0;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const { x, y } = inImage(square, (column + 0.5) / side, (row + 0.5) / side);
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const [a, b] = [x - left, y - top];
      const [x0, x1] = [within(left, width), within(left + 1, width)];
      const [y0, y1] = [within(top, height) * width, within(top + 1, height) * width];
      for (let c = 0; c < 3; c++) {
        const upper = (1 - a) * data[3 * (y0 + x0) + c]! + a * data[3 * (y0 + x1) + c]!;
        const lower = (1 - a) * data[3 * (y1 + x0) + c]! + a * data[3 * (y1 + x1) + c]!;
        values[target++] = (1 - b) * upper + b * lower;
      }
    }
  }
  return values;
}

function within(place: number, count: number): number {
  return place < 0 ? 0 : place >= count ? count - 1 : place;
}

/** What is kept around a square. */
function borderOf(square: Square): number {
  return Math.max(Math.round(0.1 * sideOf(square)), 3);
}

/** The smallest upright rectangle of whole pixels around a square. */
function bounds(square: Square): Record<'left' | 'top' | 'right' | 'bottom', number> {
  const corners = [0, 1].flatMap((u) => [0, 1].map((v) => inImage(square, u, v)));
  const [x, y] = [corners.map((corner) => corner.x), corners.map((corner) => corner.y)];
  return {
    left: Math.floor(Math.min(...x)),
    top: Math.floor(Math.min(...y)),
    right: Math.ceil(Math.max(...x)),
    bottom: Math.ceil(Math.max(...y)),
  };
}

function windowOf(left: number, top: number, right: number, bottom: number): Window {
  return { left, top, width: right - left, height: bottom - top };
}

function moved({ centre, right }: Square, x: number, y: number): Square {
  return { centre: { x: centre.x + x, y: centre.y + y }, right };
}

function scaled({ centre, right }: Square, factor: number): Square {
  const times = ({ x, y }: Point) => ({ x: x * factor, y: y * factor });
  return { centre: times(centre), right: times(right) };
}
