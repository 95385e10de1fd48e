const FIXED = 96 * 2 ** 20;
const PER_BYTE = 12;
const MOST = 2 ** 30;

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
