import type { Size } from '@dualprior/blocks';
import { loadEngine, UserError } from '@dualprior/core';
import { type MemoryMeter, thisProcess } from './memory-meter.ts';
import { leastTile } from './tiles.ts';

/** The share of the free memory that may be used. */
const SHARE_OF_FREE = 0.75;

/** What a network takes may be this much more than the measured line. */
const MARGIN = 1.15;

/** No network here takes more for each pixel that it sees at once, in bytes: where there is room for that, nothing has to be measured. */
const ROUGH = 16 * 1024;

/** Bytes for each pixel of a picture beside what the network takes: as it is read, restored and written. */
const BESIDE = 40;

/** Sides of the squares that a network is measured on. */
const MEASURED: readonly [number, number] = [256, 512];

/** Bytes that a network takes beside its weights for images of so many pixels: a line. */
interface Line {
  readonly fixed: number;
  readonly perPixel: number;
}

/** What a network takes of memory, and how much of it there is. */
export class Memory {
  /** What was taken before the network first ran. What it takes then stays with the process, for the next image. */
  readonly #before: number;
  #line: Line | undefined;

  /**
   * @param run restores a square of so many pixels a side
   * @param limit what the process may take in all, in bytes (on a GPU: of its memory); undefined: most of what is free
   */
  constructor(
    private readonly run: (side: number) => Promise<void>,
    private readonly stride: number,
    private readonly limit?: number,
    private readonly meter: MemoryMeter = thisProcess,
  ) {
    this.#before = meter.now();
  }

  /**
   * The most that the network can see of a picture at once.
   * @param kept bytes for each pixel of the picture that whoever asks needs as well
   * Errors: `UserError` if there is not even room for little of it.
   */
  async tileFor(picture: Size, kept = 0): Promise<Size> {
    const pixels = picture.width * picture.height;
    const room = this.#room() - (loadEngine().gpu ? 0 : (BESIDE + kept) * pixels);
    if (pixels * ROUGH <= room) return picture;
    const { fixed, perPixel } = (this.#line ??= await this.#measure());
    const most = (room - fixed) / (perPixel * MARGIN);
    const least = leastTile(this.stride);
    if (most < least * least) throw this.#tooLittle(room, fixed + least * least * perPixel * MARGIN);
    return shapeOf(picture, most);
  }

  /** Bytes that the network may take. */
  #room(): number {
    if (this.limit !== undefined) return this.limit - this.#before;
    const { gpu } = loadEngine();
    const taken = this.meter.now() - this.#before;
    return SHARE_OF_FREE * (gpu ? gpu.bytes - this.#before : process.availableMemory() + taken);
  }

  async #measure(): Promise<Line> {
    const [small, large] = MEASURED;
    const taken: number[] = [];
    for (const side of MEASURED) {
      this.meter.forgetPeak();
      await this.run(side);
      taken.push(this.meter.peak() - this.#before);
    }
    const perPixel = Math.max(1, (taken[1]! - taken[0]!) / (large ** 2 - small ** 2));
    return { fixed: Math.max(0, taken[0]! - perPixel * small ** 2), perPixel };
  }

  #tooLittle(budget: number, needed: number): UserError {
    const megabytes = (bytes: number) => `${Math.max(0, Math.ceil(bytes / 2 ** 20))} MiB`;
    const remedy = this.limit === undefined ? 'End other programs' : 'Give more with --memory';
    return new UserError(
      `there is too little memory: ${megabytes(needed)} beside the picture are needed for the smallest tile, and ${megabytes(budget)} may be taken. ${remedy}, or take a smaller picture`,
    );
  }
}

/** A tile of so many pixels: nearly a square, but no larger than the picture. */
function shapeOf({ width, height }: Size, most: number): Size {
  if (width * height <= most) return { width, height };
  const side = Math.floor(Math.sqrt(most));
  if (height <= side) return { width: Math.floor(most / height), height };
  if (width <= side) return { width, height: Math.floor(most / width) };
  return { width: side, height: side };
}
