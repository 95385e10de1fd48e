/**
 * What a fingerprint has found on the disk, for the data set that looks at the same next, within one process: of 100,000 images that takes seconds. Each thing is taken
 * once, so that whoever looks a third time sees the disk as it is by then.
 */
export class HandedOver<T> {
  readonly #kept = new Map<string, T>();

  keep(name: string, value: T): void {
    this.#kept.set(name, value);
  }

  /** Undefined where nothing was kept, or it was taken before. */
  take(name: string): T | undefined {
    const value = this.#kept.get(name);
    this.#kept.delete(name);
    return value;
  }
}
