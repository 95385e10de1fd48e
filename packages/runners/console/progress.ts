import { SingleBar } from 'cli-progress';
import { duration } from './duration.ts';

/** Shows how far a piece of work is and how long it will take. */
export interface ProgressView {
  update(done: number, note: string): void;
  stop(): void;
}

/** Seconds left, from the speed since the first unit that this process has done: that one includes what is done once, such as tracing. */
class Estimate {
  #start: { readonly at: number; readonly done: number } | undefined;

  constructor(
    readonly total: number,
    readonly first: number,
  ) {}

  /** So much has been done now. */
  reached(done: number): void {
    if (done > this.first) this.#start ??= { at: performance.now(), done };
  }

  left(done: number): number {
    if (!this.#start) return Infinity;
    const elapsed = (performance.now() - this.#start.at) / 1000;
    return done > this.#start.done ? (elapsed / (done - this.#start.done)) * (this.total - done) : Infinity;
  }
}

/** A stream that may be a terminal. */
export type Terminal = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

const CLEAR_LINE = '\r\x1b[K';
const SAVE_CURSOR = '\x1b7'; // where the bar returns to when it ends
const BAR = 24;

/** A bar that redraws one line of a terminal. It leaves the terminal's settings alone, so that a kill leaves nothing to repair. */
export class ProgressBar implements ProgressView {
  readonly #bar: SingleBar;
  readonly #estimate: Estimate;

  constructor(
    readonly stream: Terminal,
    label: string,
    total: number,
    first: number,
    unit: string,
  ) {
    this.#estimate = new Estimate(total, first);
    this.#bar = new SingleBar({
      format: (_, { value, progress }, { note }: { note: string }) => {
        const full = Math.round(progress * BAR);
        const bar = '█'.repeat(full) + '░'.repeat(BAR - full);
        const line = `  ${label} ${bar} ${value}/${total} ${unit}${this.#left(value)}${note && ` · ${note}`}`;
        return line.slice(0, (stream.columns || 80) - 1);
      },
      stream,
      fps: 5,
      linewrap: true,
      forceRedraw: true,
      gracefulExit: false,
    });
    this.#bar.start(total, first, { note: '' });
  }

  /** False after it was stopped. */
  get shown(): boolean {
    return this.#bar.isActive;
  }

  update(done: number, note: string): void {
    this.#estimate.reached(done);
    this.#bar.update(done, { note });
  }

  /** Prints a line in the bar's place, and the bar below it. */
  above(line: string): void {
    this.stream.write(`${CLEAR_LINE}${line}\n${SAVE_CURSOR}`);
    this.#bar.render();
  }

  stop(): void {
    this.#bar.stop();
  }

  #left(done: number): string {
    return leftText(this.#estimate.left(done), done < this.#estimate.total);
  }
}

function leftText(seconds: number, unfinished: boolean): string {
  return unfinished && Number.isFinite(seconds) ? ` · ${duration(seconds)} left` : '';
}

const SECONDS_BETWEEN_LINES = 10;

/** A plain line every few seconds, and one at the end: for files and pipes. */
export class ProgressLines implements ProgressView {
  readonly #estimate: Estimate;
  #last = performance.now();

  constructor(
    readonly print: (line: string) => void,
    readonly label: string,
    readonly total: number,
    first: number,
    readonly unit: string,
  ) {
    this.#estimate = new Estimate(total, first);
  }

  update(done: number, note: string): void {
    this.#estimate.reached(done);
    const now = performance.now();
    if (done < this.total && now - this.#last < SECONDS_BETWEEN_LINES * 1000) return;
    this.#last = now;
    const left = leftText(this.#estimate.left(done), done < this.total);
    this.print(`  ${this.label} ${done}/${this.total} ${this.unit}${left}${note && ` · ${note}`}`);
  }

  stop(): void {}
}
