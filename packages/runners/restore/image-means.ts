/** The means that a network takes over a whole image, from the sums of its tiles. */
export class ImageMeans {
  readonly #sums: Float64Array[] = [];

  /** How many means the network takes. */
  get count(): number {
    return this.#sums.length;
  }

  /** Adds what a tile contributes to one of them: sums over the channels, and at the end the count of pixels. */
  add(index: number, sums: Float32Array): void {
    const total = (this.#sums[index] ??= new Float64Array(sums.length));
    sums.forEach((value, c) => (total[c]! += value));
  }

  /** Values for each channel of each. */
  values(): Float32Array[] {
    return this.#sums.map((sums) => Float32Array.from(sums.subarray(0, -1), (sum) => sum / sums.at(-1)!));
  }
}
