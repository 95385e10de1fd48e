/** Sums of processor time of this process, in ms, by what it was spent for. Only one thing at a time is timed. */
export class Stopwatch {
  readonly #sums = new Map<string, number>();
  #last: Promise<unknown> = Promise.resolve();

  /** Does the work after all before it. */
  time<T>(what: string, work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(async () => {
      const before = process.cpuUsage();
      const value = await work();
      this.#add(what, before);
      return value;
    });
    this.#last = result.catch(() => {});
    return result;
  }

  /** Does the work at once; nothing else may be under way. */
  timeNow<T>(what: string, work: () => T): T {
    const before = process.cpuUsage();
    const value = work();
    this.#add(what, before);
    return value;
  }

  of(what: string): number {
    return this.#sums.get(what) ?? 0;
  }

  #add(what: string, before: NodeJS.CpuUsage): void {
    const { user, system } = process.cpuUsage(before);
    this.#sums.set(what, this.of(what) + (user + system) / 1000);
  }
}
