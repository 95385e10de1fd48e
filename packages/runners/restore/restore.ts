import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Interrupted, loadEngine, makeFolder, systemReason, UserError } from '@dualprior/core';
import { Console } from '../console/console.ts';
import { beforeAfterFile, writeBeforeAfter, writePage } from './before-after.ts';
import { jobsOf } from './inputs.ts';
import type { KnownMethod, OpenMethod } from './open-method.ts';
import { methodOfRun } from './open-run.ts';
import { methodOfWeights } from './open-weights.ts';
import type { PhotoFormat } from './photo-format.ts';
import { openRestorer, type PhotoOptions } from './open-restorer.ts';
import { restoreFiles, type Outcome } from './restore-files.ts';
import { UnusablePhoto } from './unusable-photo.ts';

/** The default quality of JPEG, WebP and AVIF. */
export const QUALITY = 95;

/** What restores: a method of a run, or the network of a weights file. */
export interface Source {
  /** Run directory. */
  readonly run?: string | undefined;
  /** Default: the only method of the run. */
  readonly method?: string | undefined;
  /** A weights file. */
  readonly weights?: string | undefined;
  readonly device?: 'auto' | 'cpu' | 'gpu' | undefined;
}

export interface RestoreOptions extends Source, PhotoOptions {
  /** What restores all around the faces: another method of the run, or another weights file. Default: nothing. */
  readonly background?: string | undefined;
  /** Absolute paths of photographs and folders, and patterns. */
  readonly inputs: readonly string[];
  /** Folder that the restored photographs go to. */
  readonly output: string;
  /** The format of all restored photographs. Default: that of each file's name. */
  readonly format?: PhotoFormat | undefined;
  /** The quality of JPEG, WebP and AVIF, 1 to 100. */
  readonly quality?: number | undefined;
  /** Whether to write both sides as well, and a page of several. */
  readonly compare?: boolean | undefined;
  /** Whether to restore again what is there already. */
  readonly force?: boolean | undefined;
  readonly console?: Console;
  /** Aborted to interrupt: the same call continues. */
  readonly signal?: AbortSignal;
}

export interface RestoreResult {
  /** In the order of the inputs. */
  readonly files: readonly Outcome[];
  /** The page with both sides of each photograph, where there is one. */
  readonly page?: string | undefined;
}

/**
 * Restores photographs. Those that cannot be read or restored are reported in the result, and the rest is done.
 * Errors: `UserError` for anything else that was given wrongly; `Interrupted`.
 */
export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const { inputs, output, format, quality = QUALITY, force = false, console = new Console() } = options;
  const signal = options.signal ?? new AbortController().signal;
  checkSource(options);
  const jobs = jobsOf(inputs, output, format);
  makeFolder(output);
  checkWritable(output);
  const open = await openMethod(options, console);
  const background = backgroundOf(options);
  if (!background) checkTiled(options, open);
  const restorer = await openRestorer(open, options, background && (() => openMethod(background, console)));
  try {
    const files = await restoreFiles(jobs, restorer, { format, quality, force, console, signal });
    return options.compare ? await compare(files, output, open, signal) : { files };
  } finally {
    restorer.dispose();
  }
}

/** Errors: `UserError` if neither a run nor a weights file is given, or both; those of either. */
export async function openMethod(source: Source, console: Console): Promise<KnownMethod> {
  checkSource(source);
  const { run, method, weights, device } = source;
  const open =
    weights === undefined ? await methodOfRun(run!, method, device, console) : methodOfWeights(weights, device);
  console.heading(`${open.name} · ${loadEngine().describe()}`);
  open.notes.forEach((note) => console.info(`  ${note}`));
  return open;
}

function checkSource({ run, method, weights }: Source): void {
  if (run !== undefined && weights !== undefined) {
    throw new UserError('--run and --weights exclude each other: give one of them.');
  }
  if (run === undefined && weights === undefined) {
    throw new UserError('Say what to restore with: --run RUN for a method of a run, or --weights FILE for a network.');
  }
  if (method !== undefined && weights !== undefined) {
    throw new UserError('--method names a method of a run. With --weights there is none: leave it out.');
  }
}

function backgroundOf({ run, weights, device, background }: RestoreOptions): Source | undefined {
  if (background === undefined) return undefined;
  return weights === undefined ? { run, method: background, device } : { weights: background, device };
}

/** Errors: `UserError`, before the work and not after it. */
function checkWritable(folder: string): void {
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const reason = systemReason(error) ?? (error as Error).message;
    throw new UserError(`The folder ${folder} cannot be written to: ${reason}. Give another --output.`);
  }
}

/** Errors: `UserError` for wishes about tiles where the method takes one size, so that there are none. */
function checkTiled(options: RestoreOptions, { name, method: { size } }: OpenMethod): void {
  const given = (['tile', 'overlap', 'memory'] as const).find((each) => options[each] !== undefined);
  if (size === undefined || given === undefined) return;
  throw new UserError(
    `--${given} is about pictures in tiles, but ${name} restores ${size}x${size} pixels in one piece: leave it out.`,
  );
}

/** Writes both sides of each photograph, and a page of several. What was there already and cannot be read has failed. */
async function compare(
  outcomes: readonly Outcome[],
  output: string,
  { name }: OpenMethod,
  signal: AbortSignal,
): Promise<RestoreResult> {
  const files: Outcome[] = [];
  for (const each of outcomes) {
    if (signal.aborted) throw new Interrupted();
    files.push(each.status === 'failed' ? each : await compared(each, beforeAfterFile(output, each)));
  }
  const done = files.filter(({ status }) => status !== 'failed');
  if (done.length < 2) return { files };
  const page = join(output, 'before-after.html');
  await writePage(page, output, done, name);
  return { files, page };
}

async function compared(outcome: Outcome, file: string): Promise<Outcome> {
  try {
    if (outcome.status === 'restored' || !existsSync(file)) await writeBeforeAfter(outcome, file);
    return outcome;
  } catch (error) {
    if (!(error instanceof UnusablePhoto)) throw error;
    const { input, output } = outcome;
    return { input, output, status: 'failed', reason: error.message };
  }
}
