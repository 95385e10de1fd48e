import type { Image } from '../../images/image.ts';

export const MEBIBYTE = 2 ** 20;

/**
 * Keeps the images that were used last, up to so many bytes, since training reads each of them many times.
 * 512 MiB hold all of 40,000 images of 64x64 pixels, or 680 of 512x512.
 */
export class ImageCache {
  /** The one used longest ago comes first. */
  readonly #kept = new Map<number, Image>();
  readonly #reading = new Map<number, Promise<Image>>();
  #bytes = 0;

  /** How many threads have one each, and share the memory. */
  static threads = 1;
  readonly #capacity: number;

  /** @param bytes of all threads together */
  constructor(bytes = 512 * MEBIBYTE) {
    this.#capacity = bytes / ImageCache.threads;
  }

  /** The image with this number, read if it is not kept. Two who ask at once share one reading. Errors: those of `read`. */
  async get(index: number, read: () => Promise<Image>): Promise<Image> {
    const kept = this.#kept.get(index);
    if (kept) {
      this.#kept.delete(index);
      this.#kept.set(index, kept);
      return kept;
    }
    const known = this.#reading.get(index);
    if (known) return known;
    const reading = this.#read(index, read).finally(() => this.#reading.delete(index));
    this.#reading.set(index, reading);
    return reading;
  }

  async #read(index: number, read: () => Promise<Image>): Promise<Image> {
    const image = await read();
    this.#keep(index, image);
    return image;
  }

  #keep(index: number, image: Image): void {
    this.#kept.set(index, image);
    this.#bytes += image.data.byteLength;
    for (const [oldest, { data }] of this.#kept) {
      if (this.#bytes <= this.#capacity) return;
      this.#kept.delete(oldest);
      this.#bytes -= data.byteLength;
    }
  }
}
