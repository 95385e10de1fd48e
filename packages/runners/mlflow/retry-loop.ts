import { setTimeout as sleep } from 'node:timers/promises';
import { pauseAfter } from './pauses.ts';
import { ServerError } from './server-error.ts';

interface LaneOptions {
  /** Does a piece of work; false if there was none. Called again after any failure. */
  readonly work: () => Promise<boolean>;
  /** A number that grows with whatever arrives. */
  readonly progress: () => number;
  /** Hears of each failure, with the number of failures since something last arrived. */
  readonly onFailure: (error: Error, failures: number) => void;
  readonly onSuccess?: () => void;
  /** How often a server that is merely busy is tried at the end without anything arriving. Default: until the time is over. */
  readonly lastTries?: number;
  /** Seconds between looks for work. Default 1. */
  readonly interval?: number | undefined;
  /** Seconds until the first try after a failure; doubled by each further one. Default 1. */
  readonly firstPause?: number | undefined;
}

/** A timer counts no further; by then the server is asked again. */
const LONGEST_REST = 86_400;

/** Does work in the background, over and over, with growing pauses after failures, until it is finished. */
export class Lane {
  /** True once there was nothing left to do at the end. */
  complete = false;
  /** What keeps it from its work. */
  trouble: Error | undefined;
  #failures = 0;
  #failuresAtEnd = 0;
  #seen = 0;
  readonly #abort = new AbortController();
  #wake = new AbortController();
  /** When the end comes at the latest, in ms since 1970. */
  #deadline: number | undefined;
  #loop: Promise<void> | undefined;

  constructor(private readonly options: LaneOptions) {}

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Does what is left, for at most so many seconds, and stops. What still continues after that is cut off by `cut`. */
  async finish(seconds: number, cut: () => void): Promise<void> {
    this.#deadline = Date.now() + seconds * 1000;
    this.#failures = 0;
    this.#wake.abort();
    const over = new AbortController();
    const timer = sleep(seconds * 1000, undefined, { signal: over.signal }).catch(() => {});
    await Promise.race([this.#loop, timer]);
    over.abort();
    this.#abort.abort();
    if (!this.complete) cut();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#abort.signal.aborted && !this.complete) {
      const { pause, asked } = await this.#round();
      if (this.complete || this.#hopeless(asked)) break;
      if (pause > 0 && !(await this.#rest(pause, asked))) break;
    }
  }

  /** Returns the seconds to rest, and how long the server asked for. */
  async #round(): Promise<{ pause: number; asked: number }> {
    // What there was to do before `finish` was called must be seen by work that begins after it.
    const last = this.#finishing;
    try {
      const done = await this.options.work();
      this.trouble = undefined;
      this.#failures = 0;
      this.#failuresAtEnd = 0;
      this.options.onSuccess?.();
      if (done) return { pause: 0, asked: 0 };
      this.complete = last;
      return { pause: this.options.interval ?? 1, asked: 0 };
    } catch (error) {
      if (this.#abort.signal.aborted) return { pause: 0, asked: 0 };
      this.#fail(error as Error);
      const grown = pauseAfter(this.#failures, this.options.firstPause);
      const asked = (error instanceof ServerError && error.retryAfterSeconds) || 0;
      return { pause: Math.max(this.#finishing ? Math.min(grown, 2) : grown, asked), asked };
    }
  }

  #fail(error: Error): void {
    this.trouble = error;
    const progress = this.options.progress();
    const gotOn = progress > this.#seen;
    this.#seen = progress;
    this.#failures = gotOn ? 1 : this.#failures + 1;
    if (this.#finishing) this.#failuresAtEnd = gotOn ? 1 : this.#failuresAtEnd + 1;
    this.options.onFailure(error, this.#failures);
  }

  get #finishing(): boolean {
    return this.#deadline !== undefined;
  }

  /** At the end only a server that is merely busy is worth more than a second try, and none that asks for more time than there is. */
  #hopeless(asked: number): boolean {
    if (this.#deadline === undefined || this.trouble === undefined) return false;
    if (Date.now() + asked * 1000 > this.#deadline) return true;
    const busy = this.trouble instanceof ServerError && this.trouble.kind === 'busy';
    return this.#failuresAtEnd >= (busy ? (this.options.lastTries ?? Infinity) : 2);
  }

  /** Rests for so many seconds, or until the end comes; but as long as the server asked for. False if there is no time for that. */
  async #rest(seconds: number, asked: number): Promise<boolean> {
    const until = Date.now() + asked * 1000;
    if (this.#wake.signal.aborted) this.#wake = new AbortController();
    await this.#nap(seconds, this.#wake.signal);
    const left = (until - Date.now()) / 1000;
    if (left <= 0) return true;
    if (this.#hopeless(left)) return false;
    await this.#nap(left);
    return true;
  }

  async #nap(seconds: number, wake = this.#abort.signal): Promise<void> {
    const signal = AbortSignal.any([wake, this.#abort.signal]);
    const length = Math.min(seconds, LONGEST_REST) * 1000;
    await sleep(length, undefined, { signal, ref: this.#finishing }).catch(() => {});
  }
}
