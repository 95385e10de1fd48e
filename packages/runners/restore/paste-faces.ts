import { inImage, inSquare, interpolate, sideOf, type Image, type Square, type Window } from '@dualprior/blocks';
import type { RestoredPicture } from './picture.ts';

/** A restored crop, and the square that it was cut from. */
export interface RestoredFace {
  readonly square: Square;
  readonly crop: RestoredPicture;
}

/** Over so much of its side a crop fades into the picture, at each of its edges. */
const FADE = 0.1;

/** A crop at the size that it has in the picture. */
interface Patch {
  readonly square: Square;
  readonly image: Image;
  /** The pixels of the picture that it may change. */
  readonly window: Window;
}

/** A row of the picture as the faces have it: for each pixel red, green, blue and their weight, and how much of the picture they cover. */
interface Row {
  readonly colours: Float32Array;
  readonly cover: Float32Array;
}

/** Pastes restored faces back with soft edges. Where two crops lie over each other, the one whose middle is nearer counts for far more. */
export function pasteFaces(picture: RestoredPicture, faces: readonly RestoredFace[]): void {
  const { width, height } = picture;
  const patches = faces.map((face) => patchOf(face, picture));
  const row: Row = { colours: new Float32Array(4 * width), cover: new Float32Array(width) };
  for (let y = 0; y < height; y++) {
    const here = patches.filter(({ window }) => y >= window.top && y < window.top + window.height);
    if (here.length === 0) continue;
    row.colours.fill(0);
    row.cover.fill(0);
    here.forEach((patch) => add(patch, y, row));
    blend(picture, y, row);
  }
}

function patchOf({ square, crop }: RestoredFace, { width, height }: RestoredPicture): Patch {
  const side = Math.max(1, Math.round(sideOf(square)));
  const corners = [0, 1].flatMap((u) => [0, 1].map((v) => inImage(square, u, v)));
  const [left, right] = within(
    corners.map(({ x }) => x),
    width,
  );
  const [top, bottom] = within(
    corners.map(({ y }) => y),
    height,
  );
  return {
    square,
    image: interpolate(crop, side, side, 'lanczos'),
    window: { left, top, width: right - left, height: bottom - top },
  };
}

function within(places: readonly number[], length: number): [begin: number, end: number] {
  const begin = Math.max(0, Math.floor(Math.min(...places)));
  return [begin, Math.max(begin, Math.min(length, Math.ceil(Math.max(...places)) + 1))];
}

function add({ square, image, window }: Patch, y: number, { colours, cover }: Row): void {
  const { width: side, data } = image;
  for (let x = window.left; x < window.left + window.width; x++) {
    const { u, v } = inSquare(square, { x, y });
    const edge = Math.min(u, 1 - u, v, 1 - v);
    if (edge <= 0) continue;
    const covered = smooth(edge / FADE);
    const weight = covered * edge ** 4;
    const [column, line] = [clamp(u * side - 0.5, side), clamp(v * side - 0.5, side)];
    const [left, top] = [Math.floor(column), Math.floor(line)];
    const [a, b] = [column - left, line - top];
    const right = Math.min(side - 1, left + 1);
    const [upper, lower] = [top * side, Math.min(side - 1, top + 1) * side];
    for (let c = 0; c < 3; c++) {
      const above = (1 - a) * data[3 * (upper + left) + c]! + a * data[3 * (upper + right) + c]!;
      const below = (1 - a) * data[3 * (lower + left) + c]! + a * data[3 * (lower + right) + c]!;
      colours[4 * x + c]! += weight * ((1 - b) * above + b * below);
    }
    colours[4 * x + 3]! += weight;
    cover[x] = Math.max(cover[x]!, covered);
  }
}

function blend({ width, data }: RestoredPicture, y: number, { colours, cover }: Row): void {
  for (let x = 0; x < width; x++) {
    const weight = colours[4 * x + 3]!;
    if (weight === 0) continue;
    const pixel = 3 * (y * width + x);
    for (let c = 0; c < 3; c++) data[pixel + c]! += cover[x]! * (colours[4 * x + c]! / weight - data[pixel + c]!);
  }
}

/** From 0 at 0 to 1 at 1 and beyond, level at both ends. */
function smooth(share: number): number {
  const t = Math.min(1, share);
  return t * t * (3 - 2 * t);
}

function clamp(place: number, side: number): number {
  return Math.min(side - 1, Math.max(0, place));
}
