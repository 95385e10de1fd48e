/**
 * Makes the batches of the next iterations while a step runs. What comes out does not depend on the timing: batch i
 * is `make(i)`. Errors of `make` are thrown by the `get` that asks for that batch.
 */
export class Prefetcher<T> {
  readonly #pending = new Map<number, Promise<T>>();
  readonly #running = new Set<Promise<T>>();
  #closed = false;

  constructor(
    readonly make: (iteration: number) => Promise<T>,
    /** How many batches are made ahead. */
    readonly ahead = 2,
    /** Batches from this one on are never asked for. */
    readonly end = Infinity,
  ) {}

  async get(iteration: number): Promise<T> {
    if (this.#closed) throw new Error('The prefetcher is closed.');
    for (const known of this.#pending.keys()) if (known < iteration) this.#pending.delete(known);
    const batch = this.#begin(iteration);
    for (let next = iteration + 1; next <= iteration + this.ahead && next < this.end; next++) void this.#begin(next);
    this.#pending.delete(iteration);
    return batch;
  }

  /** Begins nothing any more; done when what had begun has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#pending.clear();
    await Promise.allSettled(this.#running);
  }

  #begin(iteration: number): Promise<T> {
    const known = this.#pending.get(iteration);
    if (known) return known;
    const batch = this.make(iteration);
    this.#running.add(batch);
    const ended = () => void this.#running.delete(batch);
    batch.then(ended, ended); // errors are thrown again by `get`
    this.#pending.set(iteration, batch);
    return batch;
  }
}
