import { sha256 } from './sha256.ts';

const TWO_PI = 2 * Math.PI;

/**
 * A stream of pseudo-random numbers: xoshiro128** (Blackman and Vigna, 2018), its state the first
 * 128 bits of the SHA-256 of a key. Equal keys give equal streams on every machine.
 */
export class Stream {
  readonly #state: Uint32Array;
  #spareNormal: number | undefined;

  constructor(key: string) {
    const digest = new DataView(sha256(key).buffer);
    this.#state = new Uint32Array([0, 4, 8, 12].map((offset) => digest.getUint32(offset, true)));
    if (this.#state.every((word) => word === 0)) this.#state[0] = 1;
  }

  /** An unsigned 32-bit integer. */
  uint32(): number {
    const s = this.#state as unknown as [number, number, number, number];
    const result = Math.imul(rotate(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11);
    return result;
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    const unit = ((this.uint32() >>> 5) * 0x4000000 + (this.uint32() >>> 6)) / 0x20000000000000;
    return low + (high - low) * unit;
  }

  /** An integer in [0, count). */
  integer(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Normal with the given mean and standard deviation (Box and Muller, 1958). */
  normal(mean = 0, deviation = 1): number {
    let value = this.#spareNormal;
    if (value === undefined) {
      const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
      const angle = TWO_PI * this.uniform();
      value = radius * Math.cos(angle);
      this.#spareNormal = radius * Math.sin(angle);
    } else {
      this.#spareNormal = undefined;
    }
    return mean + deviation * value;
  }

  /** The integers 0 .. count-1 in random order (Fisher and Yates). */
  permutation(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
