/** A value with dynamic scope: while a function runs, whatever it calls sees the one that it was given. */
export class DynamicValue<T> {
  #current: T;

  /** @param outside what it is outside of all `during` */
  constructor(outside: T) {
    this.#current = outside;
  }

  get current(): T {
    return this.#current;
  }

  /** Runs `compute`, which must not be asynchronous; then the value is again what it was before, also after an error. */
  during<R>(value: T, compute: () => R): R {
    const before = this.#current;
    this.#current = value;
    try {
      return compute();
    } finally {
      this.#current = before;
    }
  }
}
