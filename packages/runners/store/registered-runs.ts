import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder, parseSealedJson, sealedJson, UserError } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import writeFileAtomic from 'write-file-atomic';

const Schema = Type.Object({
  /** The run directory. */
  path: Type.String({ minLength: 1 }),
  /** Names of the folders of the store that it uses. */
  stages: Type.Array(Type.String()),
});

/** A run as it is registered with the store of its stages. */
export type RegisteredRun = Static<typeof Schema>;

/** Which runs use the stages of a store, wherever their directories are: a file for each, `STORE/runs/ID.json`. */
export class RegisteredRuns {
  readonly #folder: string;

  constructor(store: string) {
    this.#folder = join(store, 'runs');
  }

  /** Registers a run, or what it uses now. Errors: the store cannot be written. */
  register(run: RegisteredRun): void {
    makeFolder(this.#folder);
    writeFileAtomic.sync(this.#file(run.path), sealedJson(run));
  }

  /**
   * All runs that use the store. One whose directory is gone does not; where the folder above is missing too, its disk may be elsewhere, and it counts.
   * Errors: `UserError` for a damaged file.
   */
  all(): RegisteredRun[] {
    return this.#files()
      .map(read)
      .filter(({ path }) => existsSync(path) || !existsSync(dirname(path)));
  }

  /** Forgets the runs that `all` leaves out. */
  prune(): void {
    const kept = new Set(this.all().map(({ path }) => this.#file(path)));
    for (const file of this.#files()) if (!kept.has(file)) rmSync(file, { force: true });
  }

  #file(path: string): string {
    return join(this.#folder, `${createHash('sha256').update(path).digest('hex').slice(0, 16)}.json`);
  }

  #files(): string[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(this.#folder, name));
  }
}

function read(file: string): RegisteredRun {
  try {
    const { value } = parseSealedJson(readFileSync(file, 'utf8'));
    if (!Value.Check(Schema, value)) throw new Error('it does not say path and stages');
    return value;
  } catch (error) {
    throw new UserError(
      `${file} is damaged: ${(error as Error).message}. It says which stages a run uses. Remove it, and start that run again: it writes it.`,
    );
  }
}
