/** Passes over an image that a network needs which takes means over the whole of it, mostly. */
const USUAL_PASSES = 3;

/** Tells which share of the work on an image is done, of which only the course shows how much it is. It never goes back. */
export class ShareDone {
  #share = 0;

  constructor(private readonly tell: (share: number) => void) {}

  update(pass: number, tile: number, tiles: number, isRepeated: boolean): void {
    const passes = pass - 1 + tile / tiles;
    const expected = isRepeated ? Math.max(USUAL_PASSES, pass) : 1;
    this.#share = Math.max(this.#share, passes / expected);
    this.tell(this.#share);
  }

  end(): void {
    if (this.#share < 1) this.tell(1);
  }
}
