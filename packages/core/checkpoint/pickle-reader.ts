import { memoryBytes, readRange, subBytes, type Bytes } from '../files/bytes.ts';
import type { Budget } from './budget.ts';
import { PickledBytes } from './pickle-objects.ts';

const WINDOW = 2 ** 16;
/** Python itself refuses longer integers as text (`sys.int_info.default_max_str_digits`), and checkpoints hold none as long. */
const MOST_DIGITS = 4300;
const MOST_LONG_BYTES = 2048;
/** Longer `bytes` stay in the file. */
const SHORT = 2 ** 12;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads what stands in a pickle one after the other, through a small window. Errors: the pickle is cut off. */
export class PickleReader {
  #window: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#window.buffer);
  /** Where the window lies in the source, and how much of it is read. */
  #start = 0;
  #at = 0;

  constructor(
    private readonly source: Bytes,
    private readonly budget: Budget,
  ) {}

  /** Bytes read so far. */
  get position(): number {
    return this.#start + this.#at;
  }

  u8(): number {
    const at = this.#take(1);
    return this.#window[at]!;
  }

  u16(): number {
    const at = this.#take(2);
    return this.#view.getUint16(at, true);
  }

  u32(): number {
    const at = this.#take(4);
    return this.#view.getUint32(at, true);
  }

  i32(): number {
    const at = this.#take(4);
    return this.#view.getInt32(at, true);
  }

  u64(): number {
    const at = this.#take(8);
    return Number(this.#view.getBigUint64(at, true));
  }

  f64(): number {
    const at = this.#take(8);
    return this.#view.getFloat64(at, false);
  }

  text(length: number): string {
    return utf8.decode(this.#raw(length));
  }

  /** Text of Python 2, which is bytes: a character each. */
  latin(length: number): string {
    return latin1(this.#raw(length));
  }

  bytes(length: number): PickledBytes {
    if (length <= SHORT) return new PickledBytes(memoryBytes(this.#raw(length).slice()));
    const begin = this.position;
    const content = subBytes(this.source, begin, begin + length);
    this.#start = begin + length;
    this.#at = 0;
    this.#show(new Uint8Array(0));
    return new PickledBytes(content);
  }

  /** A little-endian two's complement integer, as near as a number comes. */
  long(length: number): number {
    if (length > MOST_LONG_BYTES) throw new Error(`it has an integer of ${length} bytes`);
    if (length === 0) return 0;
    const hex = Buffer.from(this.#raw(length)).reverse().toString('hex');
    return Number(BigInt.asIntN(8 * length, BigInt(`0x${hex}`)));
  }

  /** An integer in decimal digits, which a line ends. */
  decimal(): number {
    const digits = this.line().replace(/L$/, '');
    if (digits.length > MOST_DIGITS) throw new Error(`it has an integer of ${digits.length} digits`);
    if (!/^\s*[+-]?\d+\s*$/.test(digits)) throw new Error('it has an integer that is none');
    return Number(digits);
  }

  /** A character per byte, without the line's end. */
  line(): string {
    let length = this.#window.subarray(this.#at).indexOf(NEW_LINE);
    for (let searched = WINDOW; length < 0; searched *= 2) {
      const rest = this.source.size - this.position;
      this.#advance(Math.min(searched, rest));
      length = this.#window.indexOf(NEW_LINE);
      if (length < 0 && searched >= rest) throw new Error('the pickle is cut off');
    }
    const text = this.latin(length);
    this.#at++;
    return text;
  }

  #raw(length: number): Uint8Array {
    if (!(length <= this.source.size - this.position)) throw new Error('the pickle is cut off');
    this.budget.spend(2 * length);
    const begin = this.#take(length);
    return this.#window.subarray(begin, begin + length);
  }

  /** Where in the window the next bytes lie. */
  #take(length: number): number {
    if (this.#at + length > this.#window.length) this.#advance(length);
    const begin = this.#at;
    this.#at += length;
    return begin;
  }

  /** Moves the window to the position, with at least `length` bytes in it. */
  #advance(length: number): void {
    const begin = this.position;
    const rest = this.source.size - begin;
    if (!(length <= rest)) throw new Error('the pickle is cut off');
    this.#show(readRange(this.source, begin, begin + Math.min(rest, Math.max(length, WINDOW))));
    this.#start = begin;
    this.#at = 0;
  }

  #show(window: Uint8Array): void {
    this.#window = window;
    this.#view = new DataView(window.buffer, window.byteOffset, window.length);
  }
}

const NEW_LINE = 0x0a;

/** A character per byte. `TextDecoder` would decode Windows-1252. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
