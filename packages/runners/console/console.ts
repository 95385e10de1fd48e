import pc from 'picocolors';
import { ProgressBar, ProgressLines, type Progress } from './progress.ts';

/** Where a run speaks to the person: everything on standard error, so that standard output stays free for results. */
export class Console {
  readonly #stream = process.stderr;

  /** True on a terminal that can redraw a line. */
  get interactive(): boolean {
    return Boolean(this.#stream.isTTY);
  }

  info(line: string): void {
    this.#stream.write(`${line}\n`);
  }

  /** A line that begins a part of the run. */
  heading(line: string): void {
    this.#stream.write(`${pc.bold(line)}\n`);
  }

  warn(line: string): void {
    this.#stream.write(`${pc.yellow('warning:')} ${line}\n`);
  }

  /** Progress of `total` units of work, `done` of them behind us: a bar on a terminal, else a line now and then. */
  progress(label: string, total: number, done: number, unit: string): Progress {
    return this.interactive
      ? new ProgressBar(label, total, done, unit)
      : new ProgressLines((line) => this.info(line), label, total, done, unit);
  }
}
