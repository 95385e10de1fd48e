import { colorsOf, isInteractive } from './colors.ts';
import { Board, BoardLines, type Shown } from './board.ts';
import { ProgressBar, ProgressLines, type ProgressView, type Terminal } from './progress.ts';

/** Where a run speaks to the user: everything on standard error, so that standard output stays free for results. */
export class Console {
  #live: { readonly shown: boolean; above(line: string): void; stop(): void } | undefined;

  readonly #warned = new Set<string>();
  readonly #colors: ReturnType<typeof colorsOf>;

  constructor(readonly stream: Terminal = process.stderr) {
    this.#colors = colorsOf(stream);
  }

  /** True on a terminal that can redraw a line. */
  get interactive(): boolean {
    return isInteractive(this.stream);
  }

  info(line: string): void {
    this.#print(line);
  }

  /** A line that begins a part of the run. */
  heading(line: string): void {
    this.#print(this.#colors.bold(line));
  }

  /** A warning; the same one is shown once, however many stages or methods come across it. */
  warn(line: string): void {
    if (this.#warned.has(line)) return;
    this.#warned.add(line);
    this.#print(`${this.#colors.yellow('warning:')} ${line}`);
  }

  /** Progress of `total` units of work, `done` of them behind us: a bar on a terminal, else a line now and then. */
  progress(label: string, total: number, done: number, unit: string): ProgressView {
    if (!this.interactive) return new ProgressLines((line) => this.info(line), label, total, done, unit);
    this.#live?.stop();
    const bar = new ProgressBar(this.stream, label, total, done, unit);
    this.#live = bar;
    return bar;
  }

  /** The state of work that runs side by side: a line each on a terminal, redrawn; else a line now and then. */
  board(): Shown {
    if (!this.interactive) return new BoardLines((line) => this.info(line));
    this.#live?.stop();
    const board = new Board(this.stream);
    this.#live = board;
    return board;
  }

  /** A live display makes way for the line and is redrawn below it. */
  #print(line: string): void {
    if (this.#live?.shown) this.#live.above(line);
    else this.stream.write(`${line}\n`);
  }
}
