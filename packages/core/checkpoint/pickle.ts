/** A global that a pickle names, e.g. `torch.FloatStorage`. */
export class Global {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}

  get path(): string {
    return `${this.module}.${this.name}`;
  }
}

/** What gives a pickle's calls and persistent ids their meaning. Nothing of a pickle is ever executed. */
export interface Unpickling {
  /** `callable(*args)`, for the few callables that are known. Errors: any other. */
  call(callable: Global, args: readonly unknown[]): unknown;
  /** The object of a persistent id. */
  persistent(id: unknown): unknown;
  /** Gives an object its state, in place. Absent: states are left out (an ordered dictionary's _metadata). */
  build?(object: unknown, state: unknown): void;
}

const MARK = Symbol('mark');

/**
 * Reads the data of a pickle: protocols 0 to 4 as `torch.save` writes them. Dictionaries become maps, tuples and lists arrays,
 * `None` null. Errors: an opcode, a global or a call outside of this subset; a pickle that is cut off.
 */
export function unpickle(bytes: Uint8Array, unpickling: Unpickling): unknown {
  return unpickleFirst(bytes, unpickling).value;
}

/** The same for the first of several pickles in a row, which ends before the byte `end`. */
export function unpickleFirst(bytes: Uint8Array, unpickling: Unpickling): { value: unknown; end: number } {
  const unpickler = new Unpickler(bytes, unpickling);
  return { value: unpickler.run(), end: unpickler.position };
}

type Push = (unpickler: Unpickler) => unknown;

class Unpickler {
  #position = 0;
  readonly #view: DataView;
  readonly #memo = new Map<number, unknown>();
  #stack: unknown[] = [];

  constructor(
    private readonly bytes: Uint8Array,
    private readonly unpickling: Unpickling,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position;
  }

  run(): unknown {
    for (;;) {
      const opcode = String.fromCharCode(this.u8());
      if (opcode === '.') return this.#pop();
      const push = VALUES[opcode];
      if (push) this.#stack.push(push(this));
      else this.#structural(opcode);
    }
  }

  #structural(opcode: string): void {
    switch (opcode) {
      case '\x80': // PROTO
        this.u8();
        return;
      case '\x95': // FRAME
        this.u64();
        return;
      case '(': // MARK
        this.#stack.push(MARK);
        return;
      case '0': // POP
        this.#pop();
        return;
      case '1': // POP_MARK
        this.#popToMark();
        return;
      case '2': // DUP
        this.#stack.push(this.#stack.at(-1));
        return;
      case 'q': // BINPUT
        this.#memo.set(this.u8(), this.#stack.at(-1));
        return;
      case 'r': // LONG_BINPUT
        this.#memo.set(this.u32(), this.#stack.at(-1));
        return;
      case '\x94': // MEMOIZE
        this.#memo.set(this.#memo.size, this.#stack.at(-1));
        return;
      case 'h': // BINGET
        this.#stack.push(this.#remembered(this.u8()));
        return;
      case 'j': // LONG_BINGET
        this.#stack.push(this.#remembered(this.u32()));
        return;
      case 't': // TUPLE
      case 'l': // LIST
        this.#stack.push(this.#popToMark());
        return;
      case '\x85': // TUPLE1
      case '\x86': // TUPLE2
      case '\x87': // TUPLE3
        this.#stack.push(this.#popMany(opcode.charCodeAt(0) - 0x84));
        return;
      case 'd': // DICT
        this.#stack.push(this.#fill(new Map(), this.#popToMark()));
        return;
      case 'a': // APPEND
        this.#append([this.#pop()]);
        return;
      case 'e': // APPENDS
        this.#append(this.#popToMark());
        return;
      case 's': // SETITEM
        this.#setItems(this.#popMany(2));
        return;
      case 'u': // SETITEMS
        this.#setItems(this.#popToMark());
        return;
      case 'c': // GLOBAL
        this.#stack.push(new Global(this.line(), this.line()));
        return;
      case '\x93': // STACK_GLOBAL
        this.#stack.push(new Global(...(this.#popMany(2) as [string, string])));
        return;
      case 'R': // REDUCE
      case '\x81': {
        // NEWOBJ
        const [callable, args] = this.#popMany(2);
        if (!(callable instanceof Global) || !Array.isArray(args))
          throw new Error('the pickle calls no known function');
        this.#stack.push(this.unpickling.call(callable, args));
        return;
      }
      case 'b': {
        // BUILD
        const state = this.#pop();
        this.unpickling.build?.(this.#stack.at(-1), state);
        return;
      }
      case 'Q': // BINPERSID
        this.#stack.push(this.unpickling.persistent(this.#pop()));
        return;
      default: {
        const code = opcode.charCodeAt(0).toString(16).padStart(2, '0');
        throw new Error(`the pickle has the unknown opcode 0x${code}`);
      }
    }
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  u64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  f64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  text(length: number): string {
    return new TextDecoder().decode(this.raw(length));
  }

  raw(length: number): Uint8Array {
    const begin = this.#advance(length);
    return this.bytes.subarray(begin, begin + length);
  }

  /** A little-endian two's complement integer. */
  long(length: number): number {
    const bytes = this.raw(length);
    if (length === 0) return 0;
    const unsigned = bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
    return Number(BigInt.asIntN(8 * length, unsigned));
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.#position);
    if (end < 0) throw new Error('the pickle is cut off');
    const text = this.text(end - this.#position);
    this.#position++;
    return text;
  }

  #advance(length: number): number {
    const begin = this.#position;
    if (begin + length > this.bytes.length) throw new Error('the pickle is cut off');
    this.#position += length;
    return begin;
  }

  #remembered(key: number): unknown {
    if (!this.#memo.has(key)) throw new Error('the pickle refers to nothing');
    return this.#memo.get(key);
  }

  #pop(): unknown {
    if (this.#stack.length === 0) throw new Error('the pickle takes from an empty stack');
    return this.#stack.pop();
  }

  #popMany(count: number): unknown[] {
    if (this.#stack.length < count) throw new Error('the pickle takes from an empty stack');
    return this.#stack.splice(this.#stack.length - count);
  }

  #popToMark(): unknown[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) throw new Error('the pickle lacks a mark');
    return this.#stack.splice(mark).slice(1);
  }

  #append(items: unknown[]): void {
    const list = this.#stack.at(-1);
    if (!Array.isArray(list)) throw new Error('the pickle appends to what is no list');
    for (const item of items) list.push(item);
  }

  #setItems(items: unknown[]): void {
    const map = this.#stack.at(-1);
    if (!(map instanceof Map)) throw new Error('the pickle sets items of what is no dictionary');
    this.#fill(map, items);
  }

  #fill(map: Map<unknown, unknown>, items: unknown[]): Map<unknown, unknown> {
    for (let i = 0; i + 1 < items.length; i += 2) map.set(items[i], items[i + 1]);
    return map;
  }
}

/** Opcodes that push a value read from the pickle. */
const VALUES: Record<string, Push> = {
  N: () => null,
  '\x88': () => true,
  '\x89': () => false,
  J: (p) => p.i32(),
  K: (p) => p.u8(),
  M: (p) => p.u16(),
  '\x8a': (p) => p.long(p.u8()),
  '\x8b': (p) => p.long(p.u32()),
  G: (p) => p.f64(),
  X: (p) => p.text(p.u32()),
  '\x8c': (p) => p.text(p.u8()),
  '\x8d': (p) => p.text(p.u64()),
  T: (p) => p.text(p.u32()),
  U: (p) => p.text(p.u8()),
  B: (p) => p.raw(p.u32()),
  C: (p) => p.raw(p.u8()),
  '\x8e': (p) => p.raw(p.u64()),
  '}': () => new Map(),
  ']': () => [],
  ')': () => [],
};
