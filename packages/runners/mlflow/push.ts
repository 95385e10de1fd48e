import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeOwner, UserError, type JournalSource, type TrackerAddress, takeLock } from '@dualprior/core';
import { parse } from 'yaml';
import { stageJournal } from '../store/stage-journal.ts';
import { MlflowClient } from './client.ts';
import { DeliveryState } from './delivery-state.ts';
import { Delivery } from './delivery.ts';
import { serverFinder } from './resolve-server.ts';
import { runAddress } from './run-address.ts';
import { ServerError } from './server-error.ts';

export interface PushOptions {
  /** Another server than the experiment names. */
  readonly uri?: string | undefined;
  readonly log: (line: string) => void;
}

export interface PushOutcome {
  /** Records that were not known to have arrived before. */
  readonly records: number;
  readonly address: TrackerAddress;
  readonly notes: readonly string[];
}

const TRIES = 6;

/**
 * Delivers to MLflow what a run directory holds and the server does not: its own journal and those of its stages.
 * Pushing again changes nothing. Errors: `UserError` for a folder that is no run, a run that is being delivered, a server
 * that cannot be used.
 */
export async function pushRun(directory: string, { uri, log }: PushOptions): Promise<PushOutcome> {
  const sources = runSources(directory, log);
  const settings = trackingOf(directory);
  const address = await serverFinder(
    uri ?? settings.uri,
    uri ? '--uri' : `${join(directory, 'experiment.yaml')}, tracking.uri`,
  )();
  if (!address) throw new UserError('No MLflow server is running. yarn mlflow starts one; --uri names another.');

  const lock = takeLock(join(directory, 'mlflow.lock'));
  if ('owner' in lock)
    throw new UserError(`${directory} is being delivered to MLflow right now, by ${describeOwner(lock.owner)}.`);
  const state = new DeliveryState(directory);
  const client = new MlflowClient(address);
  const experiment =
    settings.experiment ?? state.last.experiment ?? (process.env['MLFLOW_EXPERIMENT_NAME'] || settings.name);
  try {
    const delivery = new Delivery(client, state, { experiment, run: settings.name });
    for (const source of sources) delivery.add(source);
    log(`Delivering ${directory} to ${address.uri} ...`);
    await persistently(() => delivery.attach(), log);
    const records = await delivery.missing();
    while (await persistently(() => delivery.step(), log));
    await persistently(() => delivery.endAbandoned(lastSign(sources)), log);
    return { records, address: runAddress(state, address.uri)!, notes: [...delivery.notes] };
  } finally {
    client.close();
    lock.release();
  }
}

/** The journals of a run directory. */
function runSources(directory: string, log: (line: string) => void): JournalSource[] {
  const own = join(directory, 'journal.jsonl');
  if (!existsSync(own)) {
    throw new UserError(
      `${directory} is no run directory: it has no journal.jsonl. Runs are in runs/ of the checkout, e.g. runs/quickstart-...`,
    );
  }
  const folder = join(directory, 'stages');
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const stages = names.flatMap((name): JournalSource[] => {
    const journal = stageJournal(directory, name);
    if (existsSync(journal.file)) return [journal];
    log(`Stage ${name} has no journal: its folder in the store is gone or was never trained in.`);
    return [];
  });
  return [{ file: own, at: [] }, ...stages];
}

/** What the run's own copy of the experiment says about tracking. */
function trackingOf(directory: string): { name: string; experiment: string | undefined; uri: string | undefined } {
  const file = join(directory, 'experiment.yaml');
  const config = existsSync(file) ? (parse(readFileSync(file, 'utf8')) as Record<string, unknown> | null) : null;
  const name = typeof config?.['name'] === 'string' ? config['name'] : basename(directory);
  const tracking = (config?.['tracking'] ?? {}) as { type?: unknown; uri?: unknown; experiment?: unknown };
  const mlflow = tracking.type === 'mlflow';
  return {
    name,
    experiment: mlflow && typeof tracking.experiment === 'string' ? tracking.experiment : undefined,
    uri: mlflow && typeof tracking.uri === 'string' && tracking.uri !== '' ? tracking.uri : undefined,
  };
}

/** When the run was last heard of, in ms since 1970. */
function lastSign(sources: readonly JournalSource[]): number {
  return Math.round(Math.max(...sources.map(({ file }) => statSync(file).mtimeMs)));
}

/** Tries again while the server is busy or away for a moment. */
async function persistently<T>(work: () => Promise<T>, log: (line: string) => void): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      const passing = error.kind === 'busy' || error.kind === 'unreachable';
      if (!passing || tries >= (error.kind === 'busy' ? TRIES : 2)) {
        throw new UserError(`${error.message}. What has arrived stays; the same command delivers the rest.`);
      }
      const pause = Math.max(error.retryAfterSeconds ?? 0, 2 ** (tries - 1));
      log(`${error.message}; trying again in ${Math.ceil(pause)} s`);
      await sleep(pause * 1000);
    }
  }
}
