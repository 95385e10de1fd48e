import type { Size, Window } from '@dualprior/blocks/nn';
import { UserError } from '@dualprior/core/nn';
import { clipped } from './picture.ts';
import type { Tile } from './tiles.ts';

/** A picture that is put together of restored tiles: rows of interleaved RGB, fractions. */
export class Canvas {
  readonly data: Float32Array;

  constructor(readonly size: Size) {
    this.data = new Float32Array(size.width * size.height * 3);
  }

  /**
   * Puts what is taken of a restored tile into its place. Returns the largest change of a value there. What lies past the border is left out.
   * Errors: `UserError` if a value is not finite.
   */
  put(restored: Float32Array, { seen, taken }: Tile): number {
    let change = 0;
    this.#rows(restored, seen, taken, (value, at) => {
      if (!Number.isFinite(value)) throw notFinite();
      const difference = Math.abs(clipped(value) - clipped(this.data[at]!));
      if (difference > change) change = difference;
      this.data[at] = value;
    });
    return change;
  }

  /**
   * The largest difference of a restored tile to its neighbours above and to the left, which are there: next to the border with them, where both see
   * equally little beyond it, and half-way to the edge of what this tile sees, where they see more.
   */
  seam(restored: Float32Array, { seen, taken }: Tile): number {
    let most = 0;
    const compare = (value: number, at: number) => {
      const difference = Math.abs(clipped(value) - clipped(this.data[at]!));
      if (difference > most) most = difference;
    };
    for (const top of linesOf(seen.top, taken.top)) {
      this.#rows(restored, seen, { ...taken, top, height: 1 }, compare);
    }
    for (const left of linesOf(seen.left, taken.left)) {
      this.#rows(restored, seen, { ...taken, left, width: 1 }, compare);
    }
    return most;
  }

  /** Visits the values of a part of what a tile has seen, with their places in `data`. */
  #rows(restored: Float32Array, seen: Window, part: Window, visit: (value: number, at: number) => void): void {
    const { width, height } = this.size;
    const bottom = Math.min(height, part.top + part.height);
    const count = 3 * Math.max(0, Math.min(width - part.left, part.width));
    for (let y = part.top; y < bottom; y++) {
      const source = 3 * ((y - seen.top) * seen.width + part.left - seen.left);
      const target = 3 * (y * width + part.left);
      for (let i = 0; i < count; i++) visit(restored[source + i]!, target + i);
    }
  }
}

/** Where a tile is compared with the one before it, which has what lies before `taken`. */
function linesOf(seen: number, taken: number): number[] {
  return taken > seen ? [taken - 1, Math.floor((seen + taken) / 2)] : [];
}

function notFinite(): UserError {
  return new UserError('the method returns numbers that are not finite: its weights are damaged, or too large for it');
}
