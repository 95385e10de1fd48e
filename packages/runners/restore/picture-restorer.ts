import type { Size } from '@dualprior/blocks';
import { loadEngine, UserError } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { restoring } from '../inference/restoring.ts';
import type { Method } from '../methods/method.ts';
import { ALL_WAYS, ensemble, KEPT, UPRIGHT_WAYS } from './ensemble.ts';
import { Memory } from './memory.ts';
import type { OpenMethod } from './open-method.ts';
import { PartStep } from './part-step.ts';
import type { Picture, RestoredPicture } from './picture.ts';
import type { PhotoRestorer, RestoreCall } from './photo-restorer.ts';
import { restorePicture, type Course, type Steps } from './restore-picture.ts';
import { firstOverlap, leastTile, upTo, widestOverlap } from './tiles.ts';
import { UnusablePhoto } from './unusable-photo.ts';

/** Shapes of parts whose traces are kept: tiles at the right and bottom have others. */
const SHAPES = 4;

export interface RestorerOptions {
  /** Side of tiles in pixels. Default: as large as memory allows. */
  readonly tile?: number | undefined;
  /** What tiles see at least around what is taken, in pixels. Default: as much as it takes for them to agree where they meet. */
  readonly overlap?: number | undefined;
  /** What the process may take of memory, in bytes. Default: most of what is free. */
  readonly memory?: number | undefined;
  /** Whether to take the mean over 8 flips and turns; of an aligned face, over it and its mirror image. */
  readonly ensemble?: boolean | undefined;
}

/** Restores pictures with one method: of any size, or of the one that it takes. */
export class PictureRestorer implements PhotoRestorer {
  readonly #method: Method;
  readonly #steps: Steps;
  readonly #stride: number;
  readonly #memory: Memory;
  #overlap: number;

  /** Errors: `UserError` for tiles or an overlap that the method cannot have. */
  constructor(
    private readonly open: OpenMethod,
    private readonly options: RestorerOptions = {},
  ) {
    loadEngine();
    this.#method = open.method;
    this.#stride = open.method.stride ?? open.method.multiple;
    this.#steps = {
      whole: restoring((image: Tensor4D) => this.#method.restore(image), true),
      part: new PartStep(
        (image) => this.#method.restore(image),
        (compute) => loadEngine().compile(compute, { traces: SHAPES }),
      ),
    };
    this.#memory = new Memory((side) => this.#run(side), this.#stride, options.memory);
    checkTiles(options, this.#stride, open);
    this.#overlap = options.overlap === undefined ? firstOverlap(this.#stride) : upTo(options.overlap, this.#stride);
  }

  /** Errors: `UnusablePhoto` for a picture that is not of the size that the method takes. */
  check({ width, height }: Size): void {
    const { size, isForAlignedFaces } = this.#method;
    if (size === undefined || (width === size && height === size)) return;
    const advice = isForAlignedFaces ? '; without --aligned, faces are found in photographs of any size' : '';
    throw new UnusablePhoto(`it is ${width}x${height}, but the method takes ${size}x${size} only${advice}`);
  }

  /**
   * Errors: `UnusablePhoto` for a picture that is not of the size that the method takes; `Interrupted`; `UserError` if there is too little memory, or
   * the result is not finite.
   */
  async restore(picture: Picture, { signal, progress }: RestoreCall): Promise<RestoredPicture & Course> {
    this.check(picture);
    if (!this.options.ensemble) return this.#restore(picture, { signal, progress });
    const ways = this.#method.isForAlignedFaces ? UPRIGHT_WAYS : ALL_WAYS;
    return ensemble(picture, ways, (turned, index, count) =>
      this.#restore(turned, { signal, progress: (share) => progress((index + share) / count) }),
    );
  }

  dispose(): void {
    this.#steps.whole.dispose();
    this.#steps.part.dispose();
    this.open.dispose();
  }

  async #restore(picture: Picture, call: RestoreCall): Promise<RestoredPicture & Course> {
    const { multiple, size } = this.#method;
    const tile = size === undefined ? await this.#tile(picture) : { width: size, height: size };
    const widest = Math.min(widestOverlap(tile.width, this.#stride), widestOverlap(tile.height, this.#stride));
    const isOverlapFixed = this.options.overlap !== undefined;
    const overlap = isOverlapFixed ? this.#overlap : Math.min(this.#overlap, widest);
    const result = await restorePicture(this.#steps, picture, {
      ...call,
      multiple,
      stride: this.#stride,
      tile,
      overlap,
      isOverlapFixed,
    });
    this.#overlap = Math.max(this.#overlap, result.overlap);
    return result;
  }

  async #tile(picture: Picture): Promise<Size> {
    const { tile: side, ensemble: isMean } = this.options;
    return side === undefined ? this.#memory.tileFor(picture, isMean ? KEPT : 0) : { width: side, height: side };
  }

  async #run(side: number): Promise<void> {
    const padded = upTo(side, this.#method.multiple);
    const image = tf.zeros<tf.Rank.R4>([1, padded, padded, 3]);
    const marks = new Float32Array(upTo(padded, this.#stride));
    const { image: restored, sums } = this.#steps.part.run(image, { rows: marks, columns: marks }, []);
    await restored.data();
    tf.dispose([image, restored, ...sums]);
  }
}

function checkTiles({ tile, overlap }: RestorerOptions, stride: number, { name }: OpenMethod): void {
  const least = leastTile(stride);
  if (tile !== undefined && tile < least) {
    throw new UserError(`--tile is ${tile}, but ${name} takes tiles of ${least} pixels a side or more.`);
  }
  if (tile !== undefined && overlap !== undefined && upTo(overlap, stride) > widestOverlap(tile, stride)) {
    throw new UserError(
      `--overlap is ${overlap}, but with --tile ${tile} it can be ${widestOverlap(tile, stride)} at most, so that half of each side is new.`,
    );
  }
}
