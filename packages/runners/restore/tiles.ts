import type { Size, Window } from '@dualprior/blocks/nn';

/** A part of an image that is restored at once. */
export interface Tile {
  /** What the network sees. */
  readonly seen: Window;
  /** What of that is taken. Those of all tiles cover the image, each pixel once. */
  readonly taken: Window;
}

/** How an image is cut. */
export interface Tiling {
  /** The most that the network sees at once, in pixels. */
  readonly tile: Size;
  /** What it sees at least around what is taken, in pixels: a multiple of `stride`. */
  readonly overlap: number;
  /** All borders between tiles are multiples of this. */
  readonly stride: number;
}

/** Along one axis: begin and end of what is seen and taken. */
interface Segment {
  readonly seen: readonly [begin: number, end: number];
  readonly taken: readonly [begin: number, end: number];
}

/** The tiles of an image, row by row: one where it is no larger than a tile. All are of one size but for those at the right and bottom. */
export function tilesOf({ width, height }: Size, { tile, overlap, stride }: Tiling): Tile[] {
  const columns = segmentsOf(width, tile.width, overlap, stride);
  const rows = segmentsOf(height, tile.height, overlap, stride);
  return rows.flatMap((row) =>
    columns.map((column) => ({ seen: windowOf(row.seen, column.seen), taken: windowOf(row.taken, column.taken) })),
  );
}

/** The shortest side of a tile that a network with this stride can be given. */
export function leastTile(stride: number): number {
  return 4 * stride;
}

/** What tiles see around what is taken, to begin with, in pixels. */
const OVERLAP = 32;

/** The overlap to begin with, in whole strides. */
export function firstOverlap(stride: number): number {
  return upTo(OVERLAP, stride);
}

/** The next multiple of a number that is not below a length. */
export function upTo(length: number, multiple: number): number {
  return Math.ceil(length / multiple) * multiple;
}

/** The widest overlap of tiles with this side, in which at least half of the side is taken. */
export function widestOverlap(side: number, stride: number): number {
  return Math.max(stride, Math.floor(side / 4 / stride) * stride);
}

function segmentsOf(length: number, most: number, overlap: number, stride: number): Segment[] {
  if (length <= most) return [{ seen: [0, length], taken: [0, length] }];
  const side = Math.max(leastTile(stride), Math.floor(most / stride) * stride);
  const last = Math.max(0, Math.ceil((length - side) / stride) * stride);
  const count = 1 + Math.ceil(last / Math.max(stride, side - 2 * overlap - stride));
  const begin = (i: number) => (i === count - 1 ? last : Math.round((i * last) / (count - 1) / stride) * stride);
  const seen = Array.from({ length: count }, (_, i) => [begin(i), Math.min(length, begin(i) + side)] as const);
  const border = (i: number) => Math.floor((seen[i]![0] + seen[i - 1]![1]) / 2 / stride) * stride;
  return seen.map((each, i) => ({
    seen: each,
    taken: [i === 0 ? 0 : border(i), i === count - 1 ? length : border(i + 1)],
  }));
}

function windowOf(rows: readonly [number, number], columns: readonly [number, number]): Window {
  return { left: columns[0], top: rows[0], width: columns[1] - columns[0], height: rows[1] - rows[0] };
}
