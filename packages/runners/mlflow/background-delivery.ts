import { spelled, describeOwner, takeLock } from '@dualprior/core';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, JournalSource, TrackerConsole } from '@dualprior/core';
import { MlflowClient } from './rest-client.ts';
import { DeliveryState } from './delivery-state.ts';
import { ValueDelivery, type DeliveryOptions } from './delivery.ts';
import { describeOwed, FileDelivery } from './file-delivery.ts';
import { Lane } from './retry-loop.ts';
import type { ServerFinder } from './resolve-server.ts';
import { runAddress, type RunAddress } from './run-address.ts';
import { ServerError } from './server-error.ts';

interface BackgroundOptions extends DeliveryOptions {
  readonly directory: string;
  readonly findServer: ServerFinder;
  readonly console: TrackerConsole;
  /** Seconds between looks at the journals. Default 1. */
  readonly interval?: number;
  /** Seconds until the first try after a failure; doubled by each further one. Default 1. */
  readonly firstPause?: number;
}

interface Connection {
  readonly uri: string;
  readonly clients: readonly MlflowClient[];
  readonly values: ValueDelivery;
  readonly files: FileDelivery;
}

const NO_SERVER = `no MLflow server is running (${spelled('mlflow')} starts one)`;
/** How often files that do not arrive are tried when all else is done. */
const LAST_TRIES = 3;

/**
 * Follows the journals of a run and delivers what they get, with growing pauses after failures: values and files each at their own pace, so
 * that no file holds up a value. Never throws.
 */
export class BackgroundDelivery {
  readonly #state: DeliveryState;
  readonly #sources: JournalSource[] = [];
  readonly #abort = new AbortController();
  #connection: Connection | undefined;
  readonly #notes = new Set<string>();
  /** What earlier connections got through. */
  #taken = 0;
  #files = 0;
  /** The kind of trouble that was reported. */
  #reported: string | undefined;
  readonly #reportedFiles = new Set<string>();
  #firstAnswer = () => {};
  readonly #answered = new Promise<void>((resolve) => (this.#firstAnswer = resolve));
  readonly #valuesLane: Lane;
  readonly #filesLane: Lane;
  #release: (() => void) | undefined;
  #locked: string | undefined;
  #finishing = false;

  constructor(private readonly options: BackgroundOptions) {
    this.#state = new DeliveryState(options.directory);
    this.#state.intend(options.experiment);
    this.follow({ file: join(options.directory, 'journal.jsonl'), at: [] });
    const { interval, firstPause } = options;
    this.#valuesLane = new Lane({
      work: () => this.#deliverValues(),
      progress: () => this.#taken + (this.#connection?.clients[0]?.taken ?? 0),
      onFailure: (error, failures) => this.#report(error, failures),
      onSuccess: () => this.#recovered(),
      interval,
      firstPause,
    });
    this.#filesLane = new Lane({
      work: () => this.#deliverFiles(),
      progress: () => this.#files + (this.#connection?.files.arrived ?? 0),
      onFailure: (error, failures) => this.#reportFiles(error, failures),
      lastTries: LAST_TRIES,
      interval,
      firstPause,
    });
  }

  /** Where this run is to be seen, as far as it is known. */
  get address(): RunAddress | null {
    return runAddress(this.#state, this.#connection?.uri);
  }

  follow(source: JournalSource): void {
    this.#sources.push(source);
    this.#connection?.values.add(source);
  }

  /** Begins; resolves when the first records have arrived or could not, after `seconds` at most. */
  async start(seconds = 3): Promise<void> {
    const lock = takeLock(join(this.options.directory, 'mlflow.lock'));
    if ('owner' in lock) {
      this.#locked = `${describeOwner(lock.owner)} is delivering this run to MLflow already`;
      this.#report(new ServerError('denied', this.#locked), 1);
      return;
    }
    this.#release = lock.release;
    this.#valuesLane.start();
    this.#filesLane.start();
    await Promise.race([this.#answered, sleep(seconds * 1000, undefined, { ref: false })]);
  }

  /** Delivers what is left, the values first. */
  async finish(timeoutSeconds: number): Promise<Delivery> {
    this.#finishing = true;
    const end = Date.now() + timeoutSeconds * 1000;
    const cut = () => this.#abort.abort();
    if (this.#locked === undefined) await this.#valuesLane.finish(timeoutSeconds, cut);
    const left = this.#valuesLane.complete ? (end - Date.now()) / 1000 : 0;
    await this.#filesLane.finish(left, cut);
    cut();
    this.#release?.();
    this.#disconnect();
    return this.#outcome(timeoutSeconds);
  }

  async #deliverValues(): Promise<boolean> {
    const { values } = await this.#connect();
    await values.attach();
    const delivered = await values.step();
    if (!delivered && this.#finishing) await values.adopt();
    this.#firstAnswer();
    return delivered;
  }

  async #deliverFiles(): Promise<boolean> {
    const { files, values } = this.#connection ?? {};
    if (!files || !values?.attached || this.#state.files.length === 0) return false;
    const before = files.arrived;
    const trouble = await files.round();
    for (const { file, reason } of files.refused) this.#reportFile(`${file} does not arrive: ${reason}`, reason);
    if (files.arrived === before && trouble) throw trouble;
    return files.arrived > before;
  }

  async #connect(): Promise<Connection> {
    const address = await this.options.findServer();
    if (!address) throw new ServerError('unreachable', NO_SERVER);
    if (this.#connection?.uri !== address.uri) {
      this.#disconnect();
      const clients = [new MlflowClient(address, this.#abort.signal), new MlflowClient(address, this.#abort.signal)];
      const values = new ValueDelivery(clients[0]!, this.#state, this.options);
      for (const source of this.#sources) values.add(source);
      const files = new FileDelivery(clients[1]!, this.#state, values);
      this.#connection = { uri: address.uri, clients, values, files };
    }
    return this.#connection;
  }

  #disconnect(): void {
    const { clients = [], values, files } = this.#connection ?? {};
    for (const client of clients) client.close();
    this.#taken += clients[0]?.taken ?? 0;
    this.#files += files?.arrived ?? 0;
    for (const note of [...(values?.notes ?? []), ...(files?.notes ?? [])]) this.#notes.add(note);
  }

  #report(error: Error, failures: number): void {
    this.#firstAnswer();
    const kind = error instanceof ServerError ? error.kind : 'local';
    const waits = error instanceof ServerError && error.asksForPatience;
    if (this.#reported !== kind) this.#reported = undefined;
    // A server that is busy for a moment is not worth a word.
    if (this.#reported || this.#finishing || (kind === 'busy' && failures < 2 && !waits)) return;
    this.#reported = kind;
    const later = 'The run continues; its journal keeps everything for later.';
    if (error.message === NO_SERVER) this.options.console.info(`MLflow: ${NO_SERVER}. ${later}`);
    else this.options.console.warn(`MLflow: ${error.message}. ${later}`);
  }

  #recovered(): void {
    if (this.#reported && !this.#finishing)
      this.options.console.info(`MLflow: ${this.#connection?.uri} answers; logging continues there.`);
    this.#reported = undefined;
  }

  /** What is wrong with the server as a whole is reported when values do not arrive. */
  #reportFiles(error: Error, failures: number): void {
    const ownTrouble = !(error instanceof ServerError) || error.aboutRequest;
    if (failures >= 2 && ownTrouble) this.#reportFile(`files do not arrive: ${error.message}`, error.message);
  }

  /** Each reason once. */
  #reportFile(what: string, reason: string): void {
    if (this.#finishing || this.#reportedFiles.has(reason)) return;
    this.#reportedFiles.add(reason);
    this.options.console.warn(`MLflow: ${what}. The run continues and keeps what does not arrive for a later push.`);
  }

  async #outcome(timeoutSeconds: number): Promise<Delivery> {
    const notes = [...this.#notes];
    const remedy = `\`${spelled(`mlflow push ${this.options.directory}`)}\``;
    const { complete, trouble } = this.#valuesLane;
    const owed = this.#state.files.length;
    if (complete && owed === 0) return { complete: true, missing: 0, problem: null, remedy, notes };
    const late = `not all of it arrived within ${timeoutSeconds} seconds`;
    const problem = complete
      ? describeOwed(this.#connection?.files.owed ?? [])
      : (this.#locked ?? trouble?.message ?? late);
    const values = this.#connection?.values ?? this.#undelivered();
    return { complete: false, missing: await values.missing(), problem, remedy, notes };
  }

  /** Counts without a server. */
  #undelivered(): ValueDelivery {
    const client = new MlflowClient({ uri: 'http://127.0.0.1', anonymous: true });
    const delivery = new ValueDelivery(client, this.#state, this.options);
    for (const source of this.#sources) delivery.add(source);
    return delivery;
  }
}
