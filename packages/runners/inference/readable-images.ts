import {
  readDegraded,
  UnreadableImage,
  type Dataset,
  type Image,
  type Sampler,
  type Size,
  type Unreadable,
  type Window,
} from '@dualprior/blocks';
import type { Random, Stream } from '@dualprior/core';
import type { UnreadableRecord } from './unreadable-images.ts';

/**
 * The images of a data set without those that cannot be read. Which these are shows when they are read, so what uses the images runs within
 * `untilReadable`.
 */
export class ReadableImages implements Dataset {
  readonly heldOut = undefined;
  #indices: readonly number[] = [];
  #found: Unreadable[] = [];

  constructor(
    /** Prepared. */
    readonly of: Dataset,
    private readonly unreadable: UnreadableRecord,
    /** How many at most, the first ones. */
    private readonly most = Infinity,
  ) {
    this.#choose();
  }

  get length(): number {
    return this.#indices.length;
  }

  get random(): Random {
    return this.of.random;
  }

  get hasSharp(): boolean {
    return this.of.hasSharp;
  }

  get degraded(): Dataset['degraded'] {
    return this.of.degraded;
  }

  name(index: number): string {
    return this.of.name(this.#indices[index]!);
  }

  size(index: number): Size | undefined {
    return this.of.size(this.#indices[index]!);
  }

  file(index: number): string | undefined {
    return this.of.file(this.#indices[index]!);
  }

  read(index: number): Promise<Image> {
    return this.#noting(index, (image) => this.of.read(image));
  }

  readDegraded(index: number): Promise<Image> {
    return this.#noting(index, (image) => readDegraded(this.of, image));
  }

  degrade(sharp: Image, stream: Stream, window?: Window): Promise<Image> {
    return this.of.degrade(sharp, stream, window);
  }

  prepare(found?: unknown): Promise<unknown> {
    return this.of.prepare(found);
  }

  /** A sampler that makes pairs of these images by one that makes pairs of all. */
  pairsBy(sampler: Sampler): Sampler {
    return {
      batch: (...values) => sampler.batch(...values),
      pair: (_, index) => this.#noting(index, (image) => sampler.pair(this.of, image)),
      close: () => sampler.close(),
    };
  }

  /**
   * Runs work on the images. Where one turns out to be unreadable, it is left out from then on and the work begins again.
   * Errors: those of the work; too many images cannot be read.
   */
  async untilReadable<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof UnreadableImage) || this.#found.length === 0) throw error;
        this.unreadable.add(this.#found);
        this.#choose();
      }
    }
  }

  async #noting<T>(index: number, read: (image: number) => Promise<T>): Promise<T> {
    const image = this.#indices[index]!;
    try {
      return await read(image);
    } catch (error) {
      if (error instanceof UnreadableImage) this.#found.push(error.of(image, this.of.name(image)));
      throw error;
    }
  }

  #choose(): void {
    const left = new Set(this.unreadable.all.map(({ index }) => index));
    const count = Math.min(this.of.length, this.most + left.size);
    const readable = Array.from({ length: count }, (_, index) => index).filter((index) => !left.has(index));
    this.#indices = readable.slice(0, this.most);
    this.#found = [];
  }
}
