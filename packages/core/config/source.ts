import { hideCredentials } from '../errors/hide-credentials.ts';

/** A text that settings are read from: a file, or one `--set`. */
export class Source {
  readonly #starts: number[];
  readonly #hidden: Pick<Place, 'start' | 'end'>[] = [];

  constructor(
    /** How it is called in messages: the path as seen from the working directory, or `--set #1`. */
    readonly name: string,
    readonly text: string,
    /** The folder that relative paths in it are taken from. */
    readonly folder: string,
    readonly isFile = true,
  ) {
    this.#starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  }

  /** Line and column, from 1, of an offset. */
  position(offset: number): { line: number; column: number } {
    let line = this.#starts.findLastIndex((start) => start <= offset);
    if (line < 0) line = 0;
    return { line: line + 1, column: offset - this.#starts[line]! + 1 };
  }

  /** Offset of the beginning of a line. */
  start(number: number): number {
    return this.#starts[number - 1] ?? this.text.length;
  }

  line(number: number): string {
    const start = this.start(number);
    const end = this.#starts[number] ?? this.text.length + 1;
    return this.text.slice(start, end - 1).replace(/\r$/, '');
  }

  /** Keeps a stretch of the text, which holds credentials, out of `shown`. */
  hide(start: number, end: number): void {
    this.#hidden.push({ start, end });
  }

  /** A line for display: credentials are masked, all else stands where it stood. */
  shown(number: number): string {
    const first = this.start(number);
    let line = this.line(number);
    for (const place of this.#hidden) {
      const [start, end] = [place.start - first, place.end - first].map((at) => Math.min(Math.max(at, 0), line.length));
      line = line.slice(0, start) + '*'.repeat(end! - start!) + line.slice(end);
    }
    return hideCredentials(line);
  }
}

/** A stretch of a source. */
export interface Place {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** Where a component was written: its type, and each of its options that was. */
export interface Origin {
  readonly type: Place;
  readonly options: ReadonlyMap<string, Place>;
}

/** `file:line:column`. */
export function showPlace({ source, start }: Place): string {
  const { line, column } = source.position(start);
  return source.isFile ? `${source.name}:${line}:${column}` : `${source.name}, character ${column}`;
}
