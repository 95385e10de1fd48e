import { Refusal } from './refusal.ts';

/** Work that is done one after the other, in the order in which it came. */
export class Queue {
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** @param most how many may wait or be done at once */
  constructor(private readonly most: number) {}

  /**
   * Does work when all before it is done. Work whose signal is aborted while it waits is not begun.
   * Errors: `Refusal` if too many wait; those of the work and the signal.
   */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#waiting >= this.most) {
      throw new Refusal(503, `${this.most} photographs are waiting already; try again later`, { 'Retry-After': '30' });
    }
    this.#waiting++;
    const done = this.#last.then(() => {
      signal.throwIfAborted();
      return work();
    });
    this.#last = done.catch(() => {});
    try {
      return await done;
    } finally {
      this.#waiting--;
    }
  }
}
