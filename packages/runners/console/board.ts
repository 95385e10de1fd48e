import type { Terminal } from './progress.ts';

/** Shows what several pieces of work say last, side by side. */
export interface Shown {
  /** @param label of the piece of work, which is unique */
  set(label: string, text: string): void;
  /** The piece of work has ended. */
  remove(label: string): void;
  stop(): void;
}

const UP = (lines: number) => (lines > 0 ? `\x1b[${lines}A` : '');
const CLEAR_BELOW = '\r\x1b[J';
/** ms between two drawings. */
const FRAME = 200;

/** A line a piece of work at the end of a terminal. It leaves the terminal's settings alone, so that a kill leaves nothing to repair. */
export class Board implements Shown {
  readonly #texts = new Map<string, string>();
  #drawn = 0;
  #next: NodeJS.Timeout | undefined;

  constructor(readonly stream: Terminal) {}

  /** False where it has nothing to show. */
  get shown(): boolean {
    return this.#texts.size > 0 || this.#drawn > 0;
  }

  set(label: string, text: string): void {
    this.#texts.set(label, text);
    this.#later();
  }

  remove(label: string): void {
    this.#texts.delete(label);
    this.#later();
  }

  /** Prints a line above it. */
  above(line: string): void {
    this.#draw(`${line}\n`);
  }

  stop(): void {
    this.#texts.clear();
    this.#draw();
  }

  #later(): void {
    this.#next ??= setTimeout(() => this.#draw(), FRAME).unref();
  }

  #draw(before = ''): void {
    clearTimeout(this.#next);
    this.#next = undefined;
    if (!this.shown && before === '') return;
    const { columns, rows } = this.stream;
    const all = [...this.#texts].map(([label, text]) => `  [${label}] ${text}`.slice(0, (columns || 80) - 1));
    const room = Math.max(1, (rows || 24) - 2);
    const lines = all.length > room ? [...all.slice(0, room - 1), `  ... ${all.length - room + 1} more`] : all;
    const text = lines.map((line) => `${line}\n`).join('');
    this.stream.write(`${UP(this.#drawn)}${CLEAR_BELOW}${before}${text}`);
    this.#drawn = lines.length;
  }
}

/** Seconds between two lines of one piece of work: twice as long each time, up to the last. */
const PAUSE = { first: 30, last: 300 };

/** A plain line of each piece of work now and then, ever more seldom: for files and pipes. */
export class BoardLines implements Shown {
  readonly #next = new Map<string, { readonly at: number; readonly pause: number }>();

  constructor(readonly print: (line: string) => void) {}

  set(label: string, text: string): void {
    const now = performance.now() / 1000;
    const { at, pause } = this.#next.get(label) ?? { at: now + PAUSE.first, pause: PAUSE.first };
    if (now < at) return void this.#next.set(label, { at, pause });
    this.print(`  [${label}] ${text}`);
    const longer = Math.min(2 * pause, PAUSE.last);
    this.#next.set(label, { at: now + longer, pause: longer });
  }

  remove(label: string): void {
    this.#next.delete(label);
  }

  stop(): void {
    this.#next.clear();
  }
}
