import { closeSync, existsSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  contentHash,
  exclusively,
  makeFolder,
  readCheckpoint,
  UserError,
  type PublishedWeights,
} from '@dualprior/core';
import { byHand } from './words.ts';
import { CutTransfer, forget, isUnreachable, transfer } from './transfer.ts';

interface DownloadOptions {
  /** How much there is, and of how much, where that is known; in bytes. */
  onBytes?(done: number, total: number | undefined): void;
  readonly signal?: AbortSignal;
  /** Pause before another attempt, in ms; twice as long before each further one that brings nothing. Default 1000. */
  readonly pause?: number;
}

/** Attempts in a row that bring nothing. */
const MOST_IDLE = 5;

/**
 * Downloads published weights to `target`, unless they are there: whole or not at all, whatever is cut or killed, and only if they are what
 * they should be. What an attempt brought is kept for the next, of another process too.
 *
 * Errors: `UserError` that says which file to put where, if they cannot be downloaded, or are something else.
 */
export async function download(
  weights: PublishedWeights,
  target: string,
  options: DownloadOptions = {},
): Promise<void> {
  const { url } = weights;
  if (url === undefined) throw new UserError(`${weights.name} can only be got by hand. ${byHand(weights)}.`);
  makeFolder(dirname(target));
  await exclusively(
    `${target}.lock`,
    async () => {
      if (existsSync(target)) return;
      const part = `${target}.part`;
      await untilWhole(weights, url, part, options);
      verify(weights, url, part);
      settle(part, target);
      forget(part);
    },
    options.signal && { signal: options.signal },
  );
}

async function untilWhole(
  weights: PublishedWeights,
  url: string,
  part: string,
  { onBytes = () => {}, signal, pause = 1000 }: DownloadOptions,
): Promise<void> {
  for (let idle = 0; ; idle++) {
    let brought = false;
    try {
      return await transfer(
        url,
        part,
        (done, total) => {
          brought = true;
          onBytes(done, total);
        },
        signal,
      );
    } catch (error) {
      if (error instanceof UserError) throw new UserError(`${weights.name}: ${error.message} ${byHand(weights)}.`);
      if (isUnreachable(error)) {
        const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
        throw new UserError(`${weights.name} cannot be downloaded from here (${reason}). ${byHand(weights)}.`);
      }
      if (!(error instanceof CutTransfer)) throw error;
      if (brought) idle = 0;
      if (idle >= MOST_IDLE) {
        throw new UserError(
          `${weights.name} cannot be downloaded: ${error.message}. The same command continues. Or: ${byHand(weights)}.`,
        );
      }
      await sleep(pause * 2 ** idle, undefined, { ...(signal && { signal }) });
    }
  }
}

/** Errors: the file is not the one that was to be downloaded; it is removed then. */
function verify({ name, sha256 }: PublishedWeights, url: string, part: string): void {
  try {
    const found = contentHash(part);
    if (sha256 && !found.startsWith(sha256.begins)) {
      throw new UserError(
        `it has the SHA-256 ${found}, not ${sha256.begins}${sha256.begins.length < 64 ? '...' : ''} (${sha256.source})`,
      );
    }
    readCheckpoint(part); // a web page, say, is none
  } catch (error) {
    forget(part);
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`What ${url} gave is not ${name}: ${error.message.replace(`${part} `, 'it ')}`);
  }
}

/** Gives the whole file its name, also for the time after a power failure. */
function settle(part: string, target: string): void {
  const descriptor = openSync(part, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(part, target);
}
