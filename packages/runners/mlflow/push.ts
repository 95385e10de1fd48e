import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spelled, describeOwner, UserError, type JournalSource, takeLock } from '@dualprior/core';
import { parseAddress } from './address.ts';
import { MlflowClient } from './rest-client.ts';
import { DeliveryState } from './delivery-state.ts';
import { ValueDelivery } from './delivery.ts';
import { FileDelivery, type MissingFile } from './file-delivery.ts';
import { pauseAfter } from './pauses.ts';
import { serverFinder, serverOfEnvironment } from './resolve-server.ts';
import { runAddress, type RunAddress } from './run-address.ts';
import { readRunSettings, runSources } from './run-on-disk.ts';
import { readMembership, readSweepFile } from '../store/sweep-files.ts';
import { ServerError } from './server-error.ts';

interface PushOptions {
  /** Another server than the environment or the experiment names. */
  readonly uri?: string | undefined;
  readonly log: (line: string) => void;
  /** Seconds until the first try after a failure; doubled by each further one. Default 1. */
  readonly firstPause?: number | undefined;
}

interface PushOutcome {
  /** Records that have arrived and were not known to have arrived before. */
  readonly records: number;
  readonly address: RunAddress;
  readonly notes: readonly string[];
  /** Files that the server did not take; a later push tries them again. */
  readonly missing: readonly MissingFile[];
}

/** How often something is tried without anything arriving. */
const TRIES = { busy: 6, unreachable: 2, files: 3 };

/**
 * Delivers to MLflow what a run directory holds and the server does not: its own journal and those of its stages, then their files.
 * Pushing again changes nothing. The run directory may come from others: the server that it names is given no credentials, and no file outside of it is
 * read. Errors: `UserError` for a folder that is no run, a run that is being delivered, a server that cannot be used.
 */
export async function pushRun(directory: string, { uri, log, firstPause }: PushOptions): Promise<PushOutcome> {
  const sources = runSources(directory, log);
  const settings = readRunSettings(directory);
  const membership = readMembership(directory);
  const address = await serverFinder(
    uri === undefined ? undefined : parseAddress(uri, '--uri'),
    serverOfEnvironment(),
    settings.server,
  )();
  if (!address)
    throw new UserError(`No MLflow server is running. ${spelled('mlflow')} starts one; --uri names another.`);

  const lock = takeLock(join(directory, 'mlflow.lock'));
  if ('owner' in lock)
    throw new UserError(`${directory} is being delivered to MLflow right now, by ${describeOwner(lock.owner)}.`);
  const client = new MlflowClient(address);
  try {
    const state = new DeliveryState(directory);
    const experiment =
      settings.experiment ??
      state.last.experiment ??
      (process.env['MLFLOW_EXPERIMENT_NAME'] || (membership?.sweep.name ?? settings.name));
    const values = new ValueDelivery(client, state, {
      experiment,
      run: settings.name,
      models: settings.models,
      systemMetrics: settings.systemMetrics,
      sweep: membership && DeliveryState.idOf(membership.sweep.directory),
      isSweep: readSweepFile(directory) !== undefined,
    });
    const files = new FileDelivery(client, state, values);
    for (const source of sources) values.add(source);
    const attempts = new Attempts(() => client.taken, log, firstPause);
    log(`Delivering ${directory} to ${address.uri} ...`);
    await attempts.until(() => values.attach());
    const records = await values.missing();
    while (await attempts.until(() => values.step()));
    await attempts.until(() => values.adopt());
    await attempts.until(() => values.endAbandoned(lastSign(sources)));
    await deliverFiles(files, new Attempts(() => files.arrived, log, firstPause));
    return {
      records: records - files.owed.length,
      address: runAddress(state, address.uri)!,
      notes: [...values.notes, ...files.notes],
      missing: files.owed,
    };
  } finally {
    client.close();
    lock.release();
  }
}

/** Tries the files again that do not arrive, as long as some do. */
async function deliverFiles(files: FileDelivery, attempts: Attempts): Promise<void> {
  for (let failures = 0; failures < TRIES.files;) {
    const before = files.arrived;
    const trouble = await attempts.until(() => files.round());
    if (!trouble) return;
    failures = files.arrived > before ? 1 : failures + 1;
    if (failures < TRIES.files) await attempts.rest(trouble, failures);
  }
}

/** When the run was last heard of, in ms since 1970. */
function lastSign(sources: readonly JournalSource[]): number {
  return Math.round(Math.max(...sources.map(({ file }) => statSync(file).mtimeMs)));
}

/** Tries again while the server is busy or away for a moment; only what is tried without anything arriving counts. */
class Attempts {
  #seen = 0;

  constructor(
    /** A number that grows with whatever arrives. */
    private readonly progress: () => number,
    private readonly log: (line: string) => void,
    private readonly firstPause: number | undefined,
  ) {}

  /** Errors: `UserError` where the server cannot be used, or asks for more patience than a user has. */
  async until<T>(work: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
        if (this.progress() > this.#seen) failures = 1;
        this.#seen = this.progress();
        const most = error.asksForPatience ? 0 : this.#tries(error);
        if (failures >= most) {
          throw new UserError(`${error.message}. What has arrived stays; the same command delivers the rest.`);
        }
        await this.rest(error, failures);
      }
    }
  }

  async rest(error: Error, failures: number): Promise<void> {
    const asked = (error instanceof ServerError && error.retryAfterSeconds) || 0;
    const pause = Math.max(asked, pauseAfter(failures, this.firstPause));
    this.log(`${error.message}; trying again in ${Math.ceil(pause)} s`);
    await sleep(pause * 1000);
  }

  /** A server that has taken something is one: whoever answers otherwise now stands before it. */
  #tries({ kind }: ServerError): number {
    if (kind === 'busy' || (kind === 'wrong-address' && this.progress() > 0)) return TRIES.busy;
    return kind === 'unreachable' ? TRIES.unreachable : 1;
  }
}
