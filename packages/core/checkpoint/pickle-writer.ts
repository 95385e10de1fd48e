const INT32 = 2 ** 31;

/** Writes a pickle of protocol 2, an operation of Python's pickle machine after the other (https://docs.python.org/3/library/pickletools.html). */
export class PickleWriter {
  readonly #parts: Uint8Array[] = [Uint8Array.of(0x80, 2)];

  global(module: string, name: string): this {
    return this.#write(`c${module}\n${name}\n`);
  }

  text(value: string): this {
    const bytes = Buffer.from(value);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(bytes.length);
    this.#write('X');
    this.#parts.push(size, bytes);
    return this;
  }

  /** From 0 on. */
  integer(value: number): this {
    if (value < 256) {
      this.#parts.push(Uint8Array.of('K'.charCodeAt(0), value));
      return this;
    }
    const bytes = Buffer.alloc(value < INT32 ? 4 : 8);
    if (value < INT32) bytes.writeInt32LE(value);
    else bytes.writeBigInt64LE(BigInt(value));
    this.#write(value < INT32 ? 'J' : '\x8a\x08'); // the latter: a long of eight bytes
    this.#parts.push(bytes);
    return this;
  }

  integers(values: readonly number[]): this {
    this.mark();
    for (const value of values) this.integer(value);
    return this.tuple();
  }

  boolean(value: boolean): this {
    return this.#write(value ? '\x88' : '\x89');
  }

  mark(): this {
    return this.#write('(');
  }

  tuple(): this {
    return this.#write('t');
  }

  emptyTuple(): this {
    return this.#write(')');
  }

  reduce(): this {
    return this.#write('R');
  }

  /** What the persistent id on the stack means. */
  persistent(): this {
    return this.#write('Q');
  }

  /** Keys and values since the mark, into the dictionary below it. */
  setItems(): this {
    return this.#write('u');
  }

  end(): Uint8Array {
    this.#write('.');
    return Buffer.concat(this.#parts);
  }

  #write(text: string): this {
    this.#parts.push(Buffer.from(text, 'latin1'));
    return this;
  }
}
