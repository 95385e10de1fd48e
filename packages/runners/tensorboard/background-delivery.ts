import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, JournalSource, TrackerConsole } from '@dualprior/core';
import { fileTrouble } from '../store/run-file.ts';
import { EventDelivery } from './delivery.ts';
import { DeliveryState } from './delivery-state.ts';

interface BackgroundOptions {
  /** The run directory. */
  readonly directory: string;
  /** The folder of the event files. */
  readonly folder: string;
  readonly console: TrackerConsole;
  /** Seconds between looks at the journals. Default 1. */
  readonly interval?: number;
}

/** Follows the journals of a run and writes what they get as event files. A disk that is full for a while holds up nothing. */
export class BackgroundDelivery {
  readonly #delivery: EventDelivery;
  readonly #wake = new AbortController();
  readonly #loop: Promise<void>;
  #firstLook = () => {};
  #deadline = Infinity;
  #finishing = false;
  #complete = false;
  #trouble: string | undefined;
  #reported: string | undefined;
  /** Resolves after the first look at the journals. */
  readonly started = new Promise<void>((resolve) => (this.#firstLook = resolve));

  /** Errors: `UserError` where the folder cannot be used. */
  constructor(private readonly options: BackgroundOptions) {
    this.#delivery = new EventDelivery(new DeliveryState(options.folder, options.directory));
    this.follow({ file: join(options.directory, 'journal.jsonl'), at: [] });
    this.#loop = this.#run();
  }

  follow(source: JournalSource): void {
    this.#delivery.add(source);
  }

  async finish(timeoutSeconds: number): Promise<Delivery> {
    this.#deadline = Date.now() + timeoutSeconds * 1000;
    this.#finishing = true;
    this.#wake.abort();
    await this.#loop;
    const complete = this.#complete;
    return {
      complete,
      missing: complete ? 0 : await this.#delivery.missing(),
      problem: complete ? null : (this.#trouble ?? `not all of it was written within ${timeoutSeconds} seconds`),
      remedy: 'the same command, run again,',
      notes: [...this.#delivery.notes],
    };
  }

  async #run(): Promise<void> {
    for (let last = false; !last;) {
      // What there was to do before `finish` was called must be seen by a look that begins after it.
      last = this.#finishing;
      await this.#look();
      this.#firstLook();
      if (!last) {
        await sleep((this.options.interval ?? 1) * 1000, undefined, { signal: this.#wake.signal, ref: false }).catch(
          () => {},
        );
      }
    }
  }

  /** Writes all that there is. */
  async #look(): Promise<void> {
    try {
      this.#complete = false;
      while (Date.now() < this.#deadline) {
        if (await this.#delivery.step()) continue;
        this.#complete = true;
        break;
      }
      this.#trouble = undefined;
      this.#reported = undefined;
    } catch (error) {
      this.#trouble = `${this.options.folder} cannot be written: ${fileTrouble(error)}`;
      if (this.#reported !== this.#trouble && !this.#finishing) {
        this.options.console.warn(
          `TensorBoard: ${this.#trouble}. The run continues; its journal keeps everything for later.`,
        );
      }
      this.#reported = this.#trouble;
    }
  }
}
