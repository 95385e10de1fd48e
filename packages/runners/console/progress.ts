import { SingleBar } from 'cli-progress';
import { duration } from './duration.ts';

/** Shows how far a piece of work is and how long it will take. */
export interface Progress {
  update(done: number, note: string): void;
  /** Prints a line without disturbing the bar. */
  stop(): void;
}

/** Seconds left, from the speed since this process began with the work. */
class Estimate {
  readonly #start = performance.now();

  constructor(
    readonly total: number,
    readonly first: number,
  ) {}

  left(done: number): number {
    const elapsed = (performance.now() - this.#start) / 1000;
    return done > this.first ? (elapsed / (done - this.first)) * (this.total - done) : Infinity;
  }
}

/** A bar that redraws one line of a terminal. */
export class ProgressBar implements Progress {
  readonly #bar: SingleBar;
  readonly #estimate: Estimate;

  constructor(label: string, total: number, first: number, unit: string) {
    this.#estimate = new Estimate(total, first);
    this.#bar = new SingleBar({
      format: `  ${label} {bar} {value}/{total} ${unit} · {note}{left}`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 24,
      hideCursor: true,
      stream: process.stderr,
      fps: 5,
    });
    this.#bar.start(total, first, { left: '', note: '' });
  }

  update(done: number, note: string): void {
    const left = this.#estimate.left(done);
    this.#bar.update(done, { note: note && `${note} · `, left: Number.isFinite(left) ? `${duration(left)} left` : '' });
  }

  stop(): void {
    this.#bar.stop();
  }
}

const SECONDS_BETWEEN_LINES = 10;

/** A plain line every few seconds, and one at the end: for files and pipes. */
export class ProgressLines implements Progress {
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
    const now = performance.now();
    if (done < this.total && now - this.#last < SECONDS_BETWEEN_LINES * 1000) return;
    this.#last = now;
    const left = this.#estimate.left(done);
    const rest = done < this.total && Number.isFinite(left) ? ` · ${duration(left)} left` : '';
    this.print(`  ${this.label} ${done}/${this.total} ${this.unit}${note && ` · ${note}`}${rest}`);
  }

  stop(): void {}
}
