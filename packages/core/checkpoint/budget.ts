const FIXED = 96 * 2 ** 20;
/** What a file of many small objects takes, such as GFP-GAN's landmarks of 70,000 faces, and somewhat more. */
const PER_BYTE = 24;
const MOST = 2 ** 31;

/** What the objects of a pickle may take of memory, roughly in bytes, so that a small file cannot fill the machine. */
export class Budget {
  #left: number;

  /** @param size of the pickle, in bytes */
  constructor(size: number) {
    this.#left = Math.min(FIXED + PER_BYTE * size, MOST);
  }

  /** Errors: nothing is left. */
  spend(bytes: number): void {
    this.#left -= bytes;
    if (!(this.#left >= 0)) throw new Error('its objects would take far more memory than a file of its size needs');
  }
}
