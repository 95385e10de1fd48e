import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';

const CHUNK = 2 ** 20;

/** Bytes read from a few places of a file before all of it is. */
const GLANCE = 64;
const GLANCES = [0.25, 0.5, 0.75, 1];

/** From so many hashed bytes on, files that are equal at a glance count as equal: that takes minutes, and so many pairs leave no doubt. */
const ENOUGH = 8 * 2 ** 30;

/**
 * Finds files of equal content among many. Links and files of one size are looked at; of these a few bytes, then a hash of all. So 70,000
 * files take seconds.
 */
export class EqualFiles {
  readonly #stats = new Map<string, Stats | undefined>();
  readonly #glances = new Map<string, string | undefined>();
  readonly #hashes = new Map<string, string | undefined>();
  #hashed = 0;

  /** For each of `files` that has an equal one among `others`, one of those. Files that are empty or cannot be read equal none. */
  find(files: readonly string[], others: readonly string[]): Map<string, string> {
    const found = new Map<string, string>();
    const byPlace = new Map(others.map((file) => [this.#place(file), file]));
    byPlace.delete(undefined);
    for (const file of files) {
      const same = byPlace.get(this.#place(file));
      if (same !== undefined) found.set(file, same);
    }
    const left = files.filter((file) => this.#stat(file) && !found.has(file));
    const sizes = new Set(left.map((file) => this.#stat(file)!.size));
    const byGlance = new Map<string, string[]>();
    for (const file of others) {
      const stat = this.#stat(file);
      const glance = stat && sizes.has(stat.size) ? this.#glance(file) : undefined;
      if (glance !== undefined) byGlance.set(glance, [...(byGlance.get(glance) ?? []), file]);
    }
    for (const file of left) {
      const alike = byGlance.get(this.#glance(file) ?? '') ?? [];
      const equal = alike.find((other) => this.#hash(other) !== undefined && this.#hash(other) === this.#hash(file));
      if (equal !== undefined) found.set(file, equal);
    }
    return found;
  }

  /** The same for all names of one file. */
  #place(file: string): string | undefined {
    const stat = this.#stat(file);
    return stat && `${stat.dev}:${stat.ino}`;
  }

  /** Undefined for what is empty or no file. */
  #stat(file: string): Stats | undefined {
    return remembered(this.#stats, file, () => {
      const found = statSync(file, { throwIfNoEntry: false });
      return found?.isFile() && found.size > 0 ? found : undefined;
    });
  }

  #glance(file: string): string | undefined {
    return remembered(this.#glances, file, () =>
      reading(file, (handle, size) => {
        const bytes = GLANCES.map((share) => {
          const buffer = Buffer.alloc(Math.min(GLANCE, size));
          readSync(handle, buffer, 0, buffer.length, Math.floor(share * (size - buffer.length)));
          return buffer;
        });
        return `${size} ${Buffer.concat(bytes).toString('base64')}`;
      }),
    );
  }

  #hash(file: string): string | undefined {
    return remembered(this.#hashes, file, () => {
      if (this.#hashed >= ENOUGH) return this.#glance(file);
      return reading(file, (handle, size) => {
        const hash = createHash('sha256');
        const buffer = Buffer.alloc(Math.min(CHUNK, size));
        for (let read = -1; read !== 0;) {
          read = readSync(handle, buffer, 0, buffer.length, null);
          hash.update(buffer.subarray(0, read));
          this.#hashed += read;
        }
        return hash.digest('base64');
      });
    });
  }
}

function remembered<T>(known: Map<string, T | undefined>, file: string, make: () => T | undefined): T | undefined {
  if (known.has(file)) return known.get(file);
  let made: T | undefined;
  try {
    made = make();
  } catch {
    made = undefined; // a file that cannot be read: who uses it says so
  }
  known.set(file, made);
  return made;
}

function reading<T>(file: string, work: (handle: number, size: number) => T): T {
  const handle = openSync(file, 'r');
  try {
    return work(handle, fstatSync(handle).size);
  } finally {
    closeSync(handle);
  }
}
