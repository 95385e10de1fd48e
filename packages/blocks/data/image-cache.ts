import type { Image } from './image.ts';

const MEBIBYTE = 2 ** 20;

/** Keeps the images that were used last, up to so many bytes, since training reads each of them many times. */
export class ImageCache {
  readonly #images = new Map<number, Promise<Image>>();
  #bytes = 0;

  constructor(readonly capacity = 512 * MEBIBYTE) {}

  /** The image with this number, read if it is not kept. */
  async get(index: number, read: () => Promise<Image>): Promise<Image> {
    const kept = this.#images.get(index);
    if (kept) {
      this.#images.delete(index);
      this.#images.set(index, kept);
      return kept;
    }
    const reading = read();
    this.#images.set(index, reading);
    try {
      const image = await reading;
      this.#bytes += image.data.byteLength;
      await this.#shrink();
      return image;
    } catch (error) {
      this.#images.delete(index);
      throw error;
    }
  }

  async #shrink(): Promise<void> {
    for (const [index, image] of this.#images) {
      if (this.#bytes <= this.capacity || this.#images.size === 1) return;
      this.#images.delete(index);
      this.#bytes -= (await image).data.byteLength;
    }
  }
}
