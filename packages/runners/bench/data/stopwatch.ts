/** Sums of processor time of this process, in ms, by what it was spent for. Only one thing at a time is timed. */
export class Stopwatch {
  readonly #sums = new Map<string, number>();
  #last: Promise<unknown> = Promise.resolve();

  /** Does the work after all before it. */
  time<T>(what: string, work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(async () => {
      const before = process.cpuUsage();
      const value = await work();
      const { user, system } = process.cpuUsage(before);
      this.#sums.set(what, this.of(what) + (user + system) / 1000);
      return value;
    });
    this.#last = result.catch(() => {});
    return result;
  }

  of(what: string): number {
    return this.#sums.get(what) ?? 0;
  }
}
