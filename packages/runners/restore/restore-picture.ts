import type { Size } from '@dualprior/blocks/nn';
import { Interrupted } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { Canvas } from './canvas.ts';
import { ImageMeans } from './image-means.ts';
import type { Counted, PartStep } from './part-step.ts';
import { LEVEL, type Picture, type RestoredPicture } from './picture.ts';
import { pixelsOfPart } from './pixels-of-part.ts';
import { ShareDone } from './share-done.ts';
import type { Step } from './step.ts';
import { tilesOf, upTo, widestOverlap, type Tile, type Tiling } from './tiles.ts';

/** What tiles may differ by where they meet, and what is left to change by another pass, as fractions: together half a level. */
const TOLERATED = LEVEL / 4;
/** Passes over an image at most. */
const PASSES = 8;

/** A network as it restores images in one piece, and parts of them. */
export interface Steps {
  readonly whole: Step<[Tensor4D], Tensor4D>;
  readonly part: PartStep;
}

export interface PictureOptions extends Tiling {
  /** Sides of what the network is given are multiples of this. */
  readonly multiple: number;
  /** Whether the overlap stays as it is, also where tiles differ. */
  readonly isOverlapFixed: boolean;
  readonly signal: AbortSignal;
  /** Called with the share of the work that is done, from 0 to 1. */
  progress(share: number): void;
}

/** How a picture was restored. */
export interface Course {
  readonly tiles: number;
  /** What tiles saw around what was taken, in pixels; 0 of one tile. */
  readonly overlap: number;
  /** How many passes over the picture there were. */
  readonly passes: number;
  /** By how many levels of 8 bits a pixel differs, at most, from one restored in one piece: where tiles meet, and by what more passes would change. */
  readonly difference: number;
}

/**
 * Restores a picture of any size, tile by tile, as if it were restored in one piece. Tiles see more of each other where they would differ. A network
 * that takes means over whole images goes through the picture again, until the means that it is given are those that it finds.
 * Errors: `Interrupted`; `UserError` where the result is not finite.
 */
export async function restorePicture(
  steps: Steps,
  picture: Picture,
  options: PictureOptions,
): Promise<RestoredPicture & Course> {
  const { multiple, stride, tile, isOverlapFixed } = options;
  const { width, height } = picture;
  const padded = { width: upTo(width, multiple), height: upTo(height, multiple) };
  const canvas = new Canvas({ width, height });
  const share = new ShareDone(options.progress);
  const end = (course: Course): RestoredPicture & Course => {
    share.end();
    return { width, height, data: canvas.data, white: 1, ...course };
  };
  const widest = Math.min(widestOverlap(tile.width, stride), widestOverlap(tile.height, stride));
  let { overlap } = options;
  let means: readonly Float32Array[] = [];
  let changeBefore = Infinity;
  let isRestarted = false;
  for (let pass = 1; ;) {
    const tiles = tilesOf(padded, { tile, overlap, stride });
    if (tiles.length === 1) {
      if (options.signal.aborted) throw new Interrupted();
      await restoreWhole(steps.whole, picture, padded, canvas);
      return end({ tiles: 1, overlap: 0, passes: 1, difference: 0 });
    }
    const mayGrow = overlap < widest && !isOverlapFixed;
    const { found, seam, change, isCutShort } = await goThrough(steps.part, picture, canvas, {
      ...options,
      padded,
      tiles,
      means,
      mostSeam: mayGrow ? TOLERATED : Infinity,
      done: (count, isRepeated) => share.update(pass, count, tiles.length, isRepeated),
    });
    if (isCutShort) {
      overlap = Math.min(widest, 2 * overlap);
      isRestarted = true;
      continue;
    }
    // After a new beginning, the change is known of some tiles only.
    const isKnown = pass > 1 && !isRestarted;
    const left = found.count === 0 ? 0 : isKnown ? toChange(change, changeBefore) : Infinity;
    if (left <= TOLERATED || pass === PASSES) {
      return end({ tiles: tiles.length, overlap, passes: pass, difference: (seam + Math.min(left, change)) / LEVEL });
    }
    changeBefore = isKnown ? change : Infinity;
    means = found.values();
    isRestarted = false;
    pass++;
  }
}

interface PassOptions extends Pick<PictureOptions, 'stride' | 'signal'> {
  readonly padded: Size;
  readonly tiles: readonly Tile[];
  /** Means over the whole image that the network is given; none in the first pass, where tiles go by their own. */
  readonly means: readonly Float32Array[];
  /** Where tiles differ by more, the pass is cut short. */
  readonly mostSeam: number;
  /** Called with how many tiles are done, and whether the network takes means over the whole image. */
  done(tiles: number, isRepeated: boolean): void;
}

interface Pass {
  readonly found: ImageMeans;
  /** The largest difference where tiles meet. */
  readonly seam: number;
  /** The largest change of a value on the canvas. */
  readonly change: number;
  readonly isCutShort: boolean;
}

/** Restores all tiles once. */
async function goThrough(
  step: PartStep,
  picture: Picture,
  canvas: Canvas,
  { padded, tiles, means, stride, signal, mostSeam, done }: PassOptions,
): Promise<Pass> {
  const found = new ImageMeans();
  let [seam, change] = [0, 0];
  for (const [i, tile] of tiles.entries()) {
    if (signal.aborted) throw new Interrupted();
    const restored = await restorePart(step, picture, padded, tile, stride, means, found);
    if (found.count === means.length) seam = Math.max(seam, canvas.seam(restored, tile));
    if (seam > mostSeam) return { found, seam, change, isCutShort: true };
    change = Math.max(change, canvas.put(restored, tile));
    done(i + 1, found.count > 0);
    await new Promise((done) => setTimeout(done)); // lets an interruption arrive
  }
  return { found, seam, change, isCutShort: false };
}

/** What all further passes would change by together, if each changes by as much less than the one before as the last one did. */
function toChange(change: number, before: number): number {
  if (before === Infinity || change >= before) return change;
  return (change * change) / (before - change);
}

async function restoreWhole(step: Steps['whole'], picture: Picture, padded: Size, canvas: Canvas): Promise<void> {
  const window = { left: 0, top: 0, ...padded };
  const image = tf.tensor4d(pixelsOfPart(picture, window), [1, padded.height, padded.width, 3]);
  const result = step.run(image);
  image.dispose();
  try {
    canvas.put((await result.data()) as Float32Array, { seen: window, taken: window });
  } finally {
    result.dispose();
  }
}

async function restorePart(
  step: PartStep,
  picture: Picture,
  padded: Size,
  { seen, taken }: Tile,
  stride: number,
  means: readonly Float32Array[],
  found: ImageMeans,
): Promise<Float32Array> {
  const image = tf.tensor4d(pixelsOfPart(picture, seen), [1, seen.height, seen.width, 3]);
  const counted: Counted = {
    rows: marks([seen.top, seen.height], [taken.top, taken.height], padded.height, stride),
    columns: marks([seen.left, seen.width], [taken.left, taken.width], padded.width, stride),
  };
  const result = step.run(image, counted, means);
  try {
    for (const [i, sums] of result.sums.entries()) found.add(i, (await sums.data()) as Float32Array);
    return (await result.image.data()) as Float32Array;
  } finally {
    tf.dispose([image, result.image, ...result.sums]);
  }
}

/**
 * 1 for the rows that are taken among those that are seen, which continue up to a multiple of the stride: a network that fills an image up to that takes
 * means over all of it.
 */
function marks(
  [begin, seen]: readonly [number, number],
  [first, taken]: readonly [number, number],
  whole: number,
  stride: number,
): Float32Array {
  const values = new Float32Array(upTo(seen, stride));
  return values.fill(1, first - begin, first + taken === whole ? values.length : first + taken - begin);
}

/** The next multiple. */
