import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { makeFolder } from '../files/make-folder.ts';
import {
  encodeRecord,
  toJournalNumber,
  type DatasetUse,
  type JournalEvent,
  type RunStatus,
  type TrainedModel,
} from './record.ts';

interface JournalOptions {
  /** Path of the run that the records belong to, relative to where the journal is mounted. Default `[]`. */
  readonly run?: readonly string[];
  /** Cut the file back to this length in bytes before the first record (0: start over). Default: keep all whole lines. */
  readonly position?: number;
}

/** The open file, shared by the journals of all runs in it. */
interface Disk {
  readonly descriptor: number;
  position: number;
  open: boolean;
}

/**
 * The append-only record of a run: one JSON line a record, each written at once, so that a kill loses at most the line
 * being written. A journal is the truth from which trackers are fed; writing it never waits for them.
 *
 * Steps of one metric grow from record to record. Errors: those of the file system.
 */
export class Journal {
  readonly #disk: Disk;

  private constructor(
    readonly file: string,
    readonly run: readonly string[],
    disk: Disk,
  ) {
    this.#disk = disk;
  }

  /** Opens a journal to append, made with its folder if it is new. A torn last line is cut off. */
  static open(file: string, { run = [], position }: JournalOptions = {}): Journal {
    makeFolder(dirname(file));
    const descriptor = openSync(file, 'a+');
    const length = fstatSync(descriptor).size;
    const kept = endOfLines(descriptor, Math.min(position ?? length, length));
    if (kept < length) ftruncateSync(descriptor, kept);
    return new Journal(resolve(file), run, { descriptor, position: kept, open: true });
  }

  /** The same journal for another run: `journal.of('methods', 'NAFNet')`. Paths are from the root of the journal. */
  of(...run: string[]): Journal {
    return new Journal(this.file, run, this.#disk);
  }

  /** Length in bytes: what a checkpoint remembers, to cut back to when training resumes from it. */
  get position(): number {
    return this.#disk.position;
  }

  start(name: string): void {
    this.#append({ event: 'start', name });
  }

  param(key: string, value: string | number | boolean): void {
    this.#append({ event: 'param', key, value: String(value) });
  }

  /** Every leaf of a nested value as a parameter with a dotted key. */
  params(value: unknown, prefix = ''): void {
    for (const [key, leaf] of flatten(value, prefix)) this.param(key, leaf);
  }

  tag(key: string, value: string): void {
    this.#append({ event: 'tag', key, value });
  }

  /** @param model the trained model that was measured, by its id */
  metric(key: string, value: number, step: number, model?: string): void {
    this.#append({ event: 'metric', key, value: toJournalNumber(value), step, ...(model !== undefined && { model }) });
  }

  /** A data set that the run reads. */
  dataset(use: DatasetUse): void {
    this.#append({ event: 'dataset', ...use });
  }

  /** Networks that the run has trained. */
  model(trained: TrainedModel): void {
    this.#append({ event: 'model', ...trained, file: this.#portable(trained.file) });
  }

  /** A file that belongs to the run; `path` is its name there, with `/` between folders. */
  artifact(path: string, file: string): void {
    this.#append({ event: 'artifact', path, file: this.#portable(file) });
  }

  /** An image that shows how the run goes. The file stays as it is: another step is another file. */
  image(key: string, file: string, step: number): void {
    this.#append({ event: 'image', key, file: this.#portable(file), step });
  }

  end(status: RunStatus): void {
    this.#append({ event: 'end', status });
  }

  close(): void {
    if (!this.#disk.open) return;
    this.#disk.open = false;
    closeSync(this.#disk.descriptor);
  }

  #append(event: JournalEvent): void {
    const line = Buffer.from(encodeRecord({ time: Date.now(), run: this.run, ...event }));
    for (let written = 0; written < line.length;) {
      written += writeSync(this.#disk.descriptor, line, written);
    }
    this.#disk.position += line.length;
  }

  /** Relative to the journal's folder where the file is inside of it, so that the folder can be moved. */
  #portable(file: string): string {
    const path = relative(dirname(this.file), resolve(file));
    const outside = path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
    return outside ? resolve(file) : path.split(sep).join('/');
  }
}

/** The last position at or before `limit` that a whole line ends at. */
function endOfLines(descriptor: number, limit: number): number {
  const chunk = Buffer.alloc(64 * 1024);
  for (let end = limit; end > 0;) {
    const begin = Math.max(0, end - chunk.length);
    const length = readSync(descriptor, chunk, 0, end - begin, begin);
    const feed = chunk.subarray(0, length).lastIndexOf(0x0a);
    if (feed >= 0) return begin + feed + 1;
    end = begin;
  }
  return 0;
}

/**
 * The leaves of a nested value with dotted keys, as trackers want parameters: `{a: {b: [1, 2]}}` gives `a.b: "[1,2]"`.
 * Lists of scalars stay whole; lists that hold maps get an index a level (`losses.0.type`). Absent values are left out.
 */
export function flatten(value: unknown, prefix = ''): [key: string, value: string][] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null) return [[prefix, String(value)]];
  if (Array.isArray(value) && !value.some((item) => typeof item === 'object' && item !== null)) {
    return [[prefix, JSON.stringify(value)]];
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return prefix === '' ? [] : [[prefix, '{}']];
  return entries.flatMap(([key, item]) => flatten(item, prefix === '' ? key : `${prefix}.${key}`));
}
