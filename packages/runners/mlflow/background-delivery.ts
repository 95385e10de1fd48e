import { describeOwner, takeLock } from '@dualprior/core';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery as Outcome, JournalSource, TrackerAddress, TrackerConsole } from '@dualprior/core';
import { MlflowClient } from './client.ts';
import { DeliveryState } from './delivery-state.ts';
import { Delivery } from './delivery.ts';
import type { ServerFinder } from './resolve-server.ts';
import { runAddress } from './run-address.ts';
import { ServerError } from './server-error.ts';

export interface BackgroundOptions {
  readonly directory: string;
  readonly experiment: string;
  readonly run: string;
  readonly findServer: ServerFinder;
  readonly console: TrackerConsole;
  /** Seconds between looks at the journals. Default 1. */
  readonly interval?: number;
  /** Seconds until the first try after a failure; doubled by each further one. Default 1. */
  readonly firstPause?: number;
}

const NO_SERVER = 'no MLflow server is running (yarn mlflow starts one)';
const LONGEST_PAUSE_SECONDS = 30;

/** Follows the journals of a run and delivers what they get, with growing pauses after failures. Never throws. */
export class BackgroundDelivery {
  readonly #state: DeliveryState;
  readonly #sources: JournalSource[] = [];
  readonly #abort = new AbortController();
  #connection: { uri: string; client: MlflowClient; delivery: Delivery } | undefined;
  readonly #notes = new Set<string>();
  #wake = new AbortController();
  #finishing = false;
  #failuresAtEnd = 0;
  #complete = false;
  #trouble: { kind: string; message: string } | undefined;
  /** Since something last worked. */
  #failures = 0;
  /** True once the person knows of the present trouble. */
  #told = false;
  #succeeded = 0;
  #firstAnswer = () => {};
  readonly #answered = new Promise<void>((resolve) => (this.#firstAnswer = resolve));
  #loop: Promise<void> | undefined;

  constructor(private readonly options: BackgroundOptions) {
    this.#state = new DeliveryState(options.directory);
    this.#state.intend(options.experiment);
    this.follow({ file: join(options.directory, 'journal.jsonl'), at: [] });
  }

  /** Where this run is to be seen, as far as it is known. */
  get address(): TrackerAddress | null {
    return runAddress(this.#state, this.#connection?.uri);
  }

  follow(source: JournalSource): void {
    this.#sources.push(source);
    this.#connection?.delivery.add(source);
  }

  /** Begins; resolves when the first records have arrived or could not, after `seconds` at most. */
  async start(seconds = 3): Promise<void> {
    this.#loop = this.#run();
    await Promise.race([this.#answered, sleep(seconds * 1000, undefined, { ref: false })]);
  }

  async finish(timeoutSeconds: number): Promise<Outcome> {
    this.#finishing = true;
    this.#failures = 0;
    this.#wake.abort();
    const timeout = new AbortController();
    const timer = sleep(timeoutSeconds * 1000, undefined, { signal: timeout.signal }).catch(() => {});
    await Promise.race([this.#loop, timer]);
    timeout.abort();
    this.#abort.abort();
    await this.#loop;
    this.#connection?.client.close();
    return this.#outcome(timeoutSeconds);
  }

  async #run(): Promise<void> {
    const lock = takeLock(join(this.options.directory, 'mlflow.lock'));
    if ('owner' in lock) {
      this.#fail(new ServerError('denied', `${describeOwner(lock.owner)} is delivering this run to MLflow already`));
      return;
    }
    try {
      while (!this.#abort.signal.aborted && !this.#complete && !this.#hopeless) await this.#round();
    } finally {
      lock.release();
    }
  }

  async #round(): Promise<void> {
    let pause = this.options.interval ?? 1;
    let asked = 0;
    // What is written to the journals before `finish` is called must be seen by a step that begins after it.
    const last = this.#finishing;
    try {
      const delivery = await this.#connect();
      if (await delivery.attach()) this.#recovered();
      if (await delivery.step()) {
        this.#recovered();
        pause = 0;
      } else if (last) this.#complete = true;
      this.#firstAnswer();
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#fail(error as Error);
      asked = (error instanceof ServerError && error.retryAfterSeconds) || 0;
      pause = Math.max(this.#pause(), asked);
    }
    if (pause > 0 && !this.#complete && !this.#hopeless) await this.#rest(pause, asked);
  }

  async #connect(): Promise<Delivery> {
    const address = await this.options.findServer();
    if (!address) throw new ServerError('unreachable', NO_SERVER);
    if (this.#connection?.uri !== address.uri) {
      this.#keepNotes();
      this.#connection?.client.close();
      const client = new MlflowClient(address, this.#abort.signal);
      const { experiment, run } = this.options;
      const delivery = new Delivery(client, this.#state, { experiment, run });
      for (const source of this.#sources) delivery.add(source);
      this.#connection = { uri: address.uri, client, delivery };
      this.#succeeded = 0;
    }
    return this.#connection.delivery;
  }

  /** At the end, only a server that is merely busy is worth more than a second try. */
  get #hopeless(): boolean {
    return this.#finishing && this.#failuresAtEnd >= 2 && this.#trouble?.kind !== 'busy';
  }

  #fail(error: Error): void {
    const kind = error instanceof ServerError ? error.kind : 'local';
    if (this.#trouble?.kind !== kind) this.#told = false;
    this.#trouble = { kind, message: error.message };
    const succeeded = this.#connection?.client.succeeded ?? 0;
    const progress = succeeded > this.#succeeded;
    this.#succeeded = succeeded;
    this.#failures = progress ? 1 : this.#failures + 1;
    if (this.#finishing) this.#failuresAtEnd = progress && kind === 'unreachable' ? 1 : this.#failuresAtEnd + 1;
    this.#firstAnswer();
    // A server that is busy for a moment is not worth a word.
    if (this.#told || this.#finishing || (kind === 'busy' && this.#failures < 2)) return;
    this.#told = true;
    const later = 'The run goes on; its journal keeps everything for later.';
    if (error.message === NO_SERVER) this.options.console.info(`MLflow: ${NO_SERVER}. ${later}`);
    else this.options.console.warn(`MLflow: ${error.message}. ${later}`);
  }

  #recovered(): void {
    if (this.#told && !this.#finishing)
      this.options.console.info(`MLflow: ${this.#connection?.uri} answers; logging goes on there.`);
    this.#trouble = undefined;
    this.#told = false;
    this.#failures = 0;
    this.#failuresAtEnd = 0;
  }

  /** Seconds until the next try: 1, 2, 4 ... with jitter. */
  #pause(): number {
    const doubled = (this.options.firstPause ?? 1) * 2 ** Math.min(this.#failures - 1, 10);
    const grown = Math.min(LONGEST_PAUSE_SECONDS, doubled) * (0.75 + Math.random() / 2);
    return this.#finishing ? Math.min(grown, 2) : grown;
  }

  /** Rests at least as long as a server asked for, and then up to `seconds`, unless the end comes. */
  async #rest(seconds: number, asked: number): Promise<void> {
    const nap = (length: number, signal: AbortSignal) =>
      sleep(length * 1000, undefined, { signal, ref: this.#finishing }).catch(() => {});
    await nap(asked, this.#abort.signal);
    if (this.#wake.signal.aborted) this.#wake = new AbortController();
    await nap(seconds - asked, AbortSignal.any([this.#wake.signal, this.#abort.signal]));
  }

  #keepNotes(): void {
    for (const note of this.#connection?.delivery.notes ?? []) this.#notes.add(note);
  }

  async #outcome(timeoutSeconds: number): Promise<Outcome> {
    this.#keepNotes();
    const notes = [...this.#notes];
    if (this.#complete) return { complete: true, missing: 0, problem: null, notes };
    const delivery = this.#connection?.delivery ?? this.#undelivered();
    const problem = this.#trouble?.message ?? `not all of it arrived within ${timeoutSeconds} seconds`;
    return { complete: false, missing: await delivery.missing(), problem, notes };
  }

  /** Counts without a server. */
  #undelivered(): Delivery {
    const client = new MlflowClient({ uri: 'http://127.0.0.1' });
    const delivery = new Delivery(client, this.#state, { experiment: this.options.experiment, run: this.options.run });
    for (const source of this.#sources) delivery.add(source);
    return delivery;
  }
}
