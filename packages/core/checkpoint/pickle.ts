import type { Budget } from './budget.ts';
import { Global, PickledObject } from './pickle-objects.ts';
import type { PickleReader } from './pickle-reader.ts';

/** What gives a pickle's calls and persistent ids their meaning. Nothing of a pickle is ever executed. */
export interface Unpickling {
  /** What `callable(*args)` gives, or undefined where that is not understood: it becomes a `PickledObject`. */
  call(callable: Global, args: readonly unknown[]): unknown;
  /** The object of a persistent id. */
  persistent(id: unknown): unknown;
}

/** Roughly, in bytes: of an opcode with what it pushes, of an object, and of one item of it. */
const COST = { opcode: 12, memo: 16, object: 64, map: 250, item: 16, entry: 48, argument: 100, character: 4 };

/**
 * Reads the next pickle, of a protocol from 0 to 5. Dictionaries become maps, tuples and lists arrays, sets `Set`s, `None` null, integers
 * and floats numbers, `bytes` `PickledBytes`, classes `Global`s; other objects are `PickledObject`s. As in Python, containers may be shared
 * and contain themselves.
 *
 * Errors: a pickle that is damaged or cut off, or whose objects take more memory than `budget`.
 */
export function unpickle(reader: PickleReader, unpickling: Unpickling, budget: Budget): unknown {
  return new Unpickler(reader, unpickling, budget).run();
}

const MARK = Symbol('mark');

class Unpickler {
  /** By their keys: those numbered from 0, as nearly all are, and others. */
  readonly #memo: unknown[] = [];
  readonly #sparseMemo = new Map<number, unknown>();
  readonly #stack: unknown[] = [];

  constructor(
    readonly reader: PickleReader,
    private readonly unpickling: Unpickling,
    private readonly budget: Budget,
  ) {}

  run(): unknown {
    for (;;) {
      const opcode = this.reader.u8();
      if (opcode === STOP) return this.pop();
      const execute = OPCODES[opcode];
      if (!execute) throw new Error(`the pickle has the unknown opcode 0x${opcode.toString(16).padStart(2, '0')}`);
      this.budget.spend(COST.opcode);
      execute(this, this.reader);
    }
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  mark(): void {
    this.#stack.push(MARK);
  }

  top(): unknown {
    if (this.#stack.length === 0) throw new Error('the pickle takes from an empty stack');
    return this.#stack.at(-1);
  }

  pop(): unknown {
    const value = this.top();
    this.#stack.pop();
    return value;
  }

  popMany(count: number): unknown[] {
    if (this.#stack.length < count) throw new Error('the pickle takes from an empty stack');
    return this.#charged(this.#stack.splice(this.#stack.length - count));
  }

  popToMark(): unknown[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) throw new Error('the pickle lacks a mark');
    const items = this.#charged(this.#stack.splice(mark + 1));
    this.#stack.pop();
    return items;
  }

  list(items: unknown[]): void {
    this.push(items);
  }

  dictionary(items: readonly unknown[]): void {
    this.budget.spend(COST.map);
    const map = new Map<unknown, unknown>();
    this.push(map);
    this.setItems(items);
  }

  set(items: readonly unknown[]): void {
    this.budget.spend(COST.map + COST.entry * items.length);
    this.push(new Set(items));
  }

  /** `append`, `extend` and `add` to the object on top. */
  add(items: readonly unknown[]): void {
    const target = this.top();
    this.budget.spend(COST.entry * items.length);
    if (target instanceof Set) for (const item of items) target.add(item);
    else {
      const list = target instanceof PickledObject ? (target.elements ??= []) : target;
      if (!Array.isArray(list)) throw new Error('the pickle appends to what is no list');
      for (const item of items) list.push(item);
    }
  }

  setItems(items: readonly unknown[]): void {
    const target = this.top();
    const map = target instanceof PickledObject ? (target.entries ??= new Map()) : target;
    if (!(map instanceof Map)) throw new Error('the pickle sets items of what is no dictionary');
    if (items.length % 2 === 1) throw new Error('the pickle sets a key without a value');
    this.budget.spend((COST.entry * items.length) / 2);
    for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
  }

  call(callable: unknown, args: unknown, keywords?: unknown): void {
    if (!Array.isArray(args)) throw new Error('the pickle calls without arguments');
    const all: readonly unknown[] = keywords instanceof Map && keywords.size > 0 ? [...args, keywords] : args;
    this.budget.spend(COST.object + COST.item * args.length);
    for (const arg of all) this.budget.spend(workFor(arg));
    const known = callable instanceof Global ? this.unpickling.call(callable, all) : undefined;
    this.push(known ?? new PickledObject(pathOf(callable), all));
  }

  /** The state of what is not understood is kept. Else it is what PyTorch notes beside tensors (an ordered dictionary's `_metadata`). */
  build(): void {
    const state = this.pop();
    const object = this.top();
    if (object instanceof PickledObject) object.state = state;
  }

  persistent(id: unknown): void {
    this.push(this.unpickling.persistent(id));
  }

  memoize(key = this.#memo.length + this.#sparseMemo.size): void {
    this.budget.spend(COST.memo);
    const value = this.top();
    if (key >= 0 && key < this.#memo.length) this.#memo[key] = value;
    else if (key === this.#memo.length) this.#memo.push(value);
    else this.#sparseMemo.set(key, value);
  }

  recall(key: number): void {
    const isDense = key >= 0 && key < this.#memo.length;
    if (!isDense && !this.#sparseMemo.has(key)) throw new Error('the pickle refers to nothing');
    this.push(isDense ? this.#memo[key] : this.#sparseMemo.get(key));
  }

  #charged(items: unknown[]): unknown[] {
    this.budget.spend(COST.object + COST.item * items.length);
    return items;
  }
}

/** What a call that copies an argument spends for it. */
function workFor(argument: unknown): number {
  if (typeof argument === 'string') return COST.character * argument.length;
  if (Array.isArray(argument)) return COST.argument * argument.length;
  return argument instanceof Map || argument instanceof Set ? COST.argument * argument.size : 0;
}

function pathOf(callable: unknown): string {
  return callable instanceof Global || callable instanceof PickledObject ? callable.path : '(an object)';
}

function namedGlobal(module: unknown, name: unknown): Global {
  if (typeof module !== 'string' || typeof name !== 'string') throw new Error('the pickle names a class without text');
  return new Global(module, name);
}

function float(text: string): number {
  const special = /^\s*([+-]?)(nan|inf)/i.exec(text);
  if (special) return special[2]!.toLowerCase() === 'nan' ? NaN : special[1] === '-' ? -Infinity : Infinity;
  if (!/^\s*[+-]?[\d.]+(e[+-]?\d+)?\s*$/i.test(text)) throw new Error('the pickle has a float that is none');
  return Number(text);
}

const ESCAPES: Record<string, string> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** What Python 2's `repr` of a `str` stands for; a backslash before another character is one, as in Python. */
function unquoted(text: string): string {
  const quoted = /^\s*(['"])(.*)\1\s*$/s.exec(text)?.[2];
  if (quoted === undefined) throw new Error('the pickle has text without quotes');
  return quoted.replace(/\\(x[\da-f]{2}|[0-7]{1,3}|.)/gis, (whole, code: string) => {
    if (/^x./.test(code)) return String.fromCharCode(parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(parseInt(code, 8) & 0xff);
    if (code === 'x') throw new Error('the pickle has an escape without its two digits');
    return ESCAPES[code] ?? whole;
  });
}

/** Python's `raw-unicode-escape`. Errors: a character beyond Unicode. */
function unescaped(text: string): string {
  return text.replace(/\\u([\da-fA-F]{4})|\\U([\da-fA-F]{8})/g, (_, short?: string, long?: string) =>
    String.fromCodePoint(parseInt(short ?? long!, 16)),
  );
}

const STOP = 0x2e;

/** By their characters in Python's pickletools. */
const NAMED: Record<string, (p: Unpickler, reader: PickleReader) => void> = {
  // Protocol, and frames, which only say how much to read at once.
  '\x80': (_, reader) => void reader.u8(),
  '\x95': (_, reader) => void reader.u64(),

  // Values.
  N: (p) => p.push(null),
  '\x88': (p) => p.push(true),
  '\x89': (p) => p.push(false),
  I: (p, reader) => {
    const text = reader.line();
    p.push(text === '00' ? false : text === '01' ? true : float(text));
  },
  J: (p, reader) => p.push(reader.i32()),
  K: (p, reader) => p.push(reader.u8()),
  M: (p, reader) => p.push(reader.u16()),
  L: (p, reader) => p.push(reader.decimal()),
  '\x8a': (p, reader) => p.push(reader.long(reader.u8())),
  '\x8b': (p, reader) => p.push(reader.long(reader.u32())),
  F: (p, reader) => p.push(float(reader.line())),
  G: (p, reader) => p.push(reader.f64()),
  S: (p, reader) => p.push(unquoted(reader.line())),
  T: (p, reader) => p.push(reader.latin(reader.u32())),
  U: (p, reader) => p.push(reader.latin(reader.u8())),
  V: (p, reader) => p.push(unescaped(reader.line())),
  X: (p, reader) => p.push(reader.text(reader.u32())),
  '\x8c': (p, reader) => p.push(reader.text(reader.u8())),
  '\x8d': (p, reader) => p.push(reader.text(reader.u64())),
  B: (p, reader) => p.push(reader.bytes(reader.u32())),
  C: (p, reader) => p.push(reader.bytes(reader.u8())),
  '\x8e': (p, reader) => p.push(reader.bytes(reader.u64())),
  '\x96': (p, reader) => p.push(reader.bytes(reader.u64())),

  // Containers.
  '(': (p) => p.mark(),
  ')': (p) => p.list([]),
  t: (p) => p.list(p.popToMark()),
  '\x85': (p) => p.list(p.popMany(1)),
  '\x86': (p) => p.list(p.popMany(2)),
  '\x87': (p) => p.list(p.popMany(3)),
  ']': (p) => p.list(p.popMany(0)),
  l: (p) => p.list(p.popToMark()),
  a: (p) => p.add([p.pop()]),
  e: (p) => p.add(p.popToMark()),
  '}': (p) => p.dictionary([]),
  d: (p) => p.dictionary(p.popToMark()),
  s: (p) => p.setItems(p.popMany(2)),
  u: (p) => p.setItems(p.popToMark()),
  '\x8f': (p) => p.set([]),
  '\x90': (p) => p.add(p.popToMark()),
  '\x91': (p) => p.set(p.popToMark()),

  // Classes, calls and objects.
  c: (p, reader) => p.push(new Global(reader.line(), reader.line())),
  '\x93': (p) => {
    const [module, name] = p.popMany(2);
    p.push(namedGlobal(module, name));
  },
  R: (p) => {
    const [callable, args] = p.popMany(2);
    p.call(callable, args);
  },
  '\x81': (p) => {
    const [type, args] = p.popMany(2);
    p.call(type, args);
  },
  '\x92': (p) => {
    const [type, args, keywords] = p.popMany(3);
    p.call(type, args, keywords);
  },
  i: (p, reader) => p.call(new Global(reader.line(), reader.line()), p.popToMark()),
  o: (p) => {
    const [type, ...args] = p.popToMark();
    p.call(type, args);
  },
  b: (p) => p.build(),
  P: (p, reader) => p.persistent(reader.line()),
  Q: (p) => p.persistent(p.pop()),
  // A code of `copyreg`'s registry of extensions, which is not in the file.
  '\x82': (p, reader) => p.push(new Global('copyreg.extension', String(reader.u8()))),
  '\x83': (p, reader) => p.push(new Global('copyreg.extension', String(reader.u16()))),
  '\x84': (p, reader) => p.push(new Global('copyreg.extension', String(reader.u32()))),

  // Stack and memo.
  '0': (p) => void p.pop(),
  '1': (p) => void p.popToMark(),
  '2': (p) => p.push(p.top()),
  p: (p, reader) => p.memoize(reader.decimal()),
  q: (p, reader) => p.memoize(reader.u8()),
  r: (p, reader) => p.memoize(reader.u32()),
  '\x94': (p) => p.memoize(),
  g: (p, reader) => p.recall(reader.decimal()),
  h: (p, reader) => p.recall(reader.u8()),
  j: (p, reader) => p.recall(reader.u32()),
};

const OPCODES = Array.from({ length: 256 }, (_, code) => NAMED[String.fromCharCode(code)]);
