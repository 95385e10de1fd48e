import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Interrupted, makeFolder, systemReason, UserError } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import type { Job } from './inputs.ts';
import { formatOfName, type PhotoFormat } from './photo-format.ts';
import { readFacts, readPicture, type PhotoFacts } from './photo.ts';
import type { PhotoRestorer } from './photo-restorer.ts';
import type { Course } from './restore-picture.ts';
import { UnusablePhoto } from './unusable-photo.ts';
import { checkFits, writePhoto } from './write-photo.ts';

/** Heads of so many files are read at once. */
const AT_ONCE = 16;

const MEGA = 1e6;

/** What became of one photograph. */
export interface Outcome extends Job {
  /** `kept`: the restored file was there already. */
  readonly status: 'restored' | 'kept' | 'failed';
  /** Why it failed. */
  readonly reason?: string;
  readonly width?: number;
  readonly height?: number;
  /** Reading, restoring and writing. */
  readonly seconds?: number;
  readonly course?: Course;
  /** How many faces were found, where faces are looked for. */
  readonly faces?: number;
  /** What is worth knowing of the restored file. */
  readonly notes?: readonly string[];
}

interface RestoreFilesOptions {
  /** In which all are written; undefined: each in that of its name. */
  readonly format?: PhotoFormat | undefined;
  /** The quality of JPEG, WebP and AVIF, 1 to 100. */
  readonly quality: number;
  /** Whether to restore again what is there. */
  readonly force: boolean;
  readonly console: Console;
  readonly signal: AbortSignal;
}

/** A photograph whose head could be read. */
interface Planned extends Job {
  readonly facts: PhotoFacts;
  readonly format: PhotoFormat;
}

/**
 * Restores photographs one after the other. Those that cannot be read or restored are left out, and the rest is done. Each file is written whole or not
 * at all.
 * Errors: `Interrupted`; those of the file system where nothing can be written.
 */
export async function restoreFiles(
  jobs: readonly Job[],
  restorer: PhotoRestorer,
  options: RestoreFilesOptions,
): Promise<Outcome[]> {
  const { console, signal, force } = options;
  const kept = force ? [] : jobs.filter(({ output }) => existsSync(output));
  const outcomes = new Map<Job, Outcome>(kept.map((job) => [job, { ...job, status: 'kept' }]));
  const left = jobs.filter((job) => !outcomes.has(job));
  const planned: (readonly [Job, Planned])[] = [];
  for (let i = 0; i < left.length; i += AT_ONCE) {
    if (signal.aborted) throw new Interrupted();
    const part = left.slice(i, i + AT_ONCE);
    const looked = await Promise.all(part.map((job) => plan(job, restorer, options.format)));
    looked.forEach((found, k) => {
      if ('facts' in found) planned.push([part[k]!, found]);
      else outcomes.set(part[k]!, found);
    });
  }
  const inOrder = () => jobs.map((job) => outcomes.get(job)!);
  if (planned.length === 0) return inOrder();
  const total = planned.reduce((sum, [, { facts }]) => sum + pixelsOf(facts), 0);
  const progress = console.progress('restoring', megapixels(total), 0, 'MP');
  const start = performance.now();
  let before = 0;
  try {
    for (const [i, [job, each]] of planned.entries()) {
      const pixels = pixelsOf(each.facts);
      const update = (share: number) => {
        const done = before + share * pixels;
        const rate = done / MEGA / ((performance.now() - start) / 1000);
        const image = planned.length > 1 ? `image ${Math.min(i + 1, planned.length)} of ${planned.length}, ` : '';
        progress.update(megapixels(done), `${image}${rate.toPrecision(2)} MP/s`);
      };
      const outcome = await restoreOne(each, restorer, options, update);
      outcomes.set(job, outcome);
      if (outcome.status === 'failed') update(1);
      before += pixels;
    }
  } finally {
    progress.stop();
  }
  return inOrder();
}

async function plan(job: Job, restorer: PhotoRestorer, format: PhotoFormat | undefined): Promise<Planned | Outcome> {
  try {
    const facts = await readFacts(job.input);
    const written = format ?? formatOfName(job.output) ?? facts.format;
    checkFits(facts, written);
    restorer.check(facts);
    return { ...job, facts, format: written };
  } catch (error) {
    return failed(job, error);
  }
}

async function restoreOne(
  { input, output, facts, format }: Planned,
  restorer: PhotoRestorer,
  { quality, signal }: RestoreFilesOptions,
  progress: (share: number) => void,
): Promise<Outcome> {
  const start = performance.now();
  makeFolder(dirname(output));
  try {
    const {
      tiles,
      overlap,
      passes,
      difference,
      faces,
      notes = [],
      ...picture
    } = await restorer.restore(await readPicture(facts), {
      signal,
      progress,
    });
    await writePhoto(output, picture, facts, { format, quality });
    const { width, height } = facts;
    const seconds = (performance.now() - start) / 1000;
    const course = { tiles, overlap, passes, difference };
    return {
      input,
      output,
      status: 'restored',
      width,
      height,
      seconds,
      course,
      ...(faces !== undefined && { faces }),
      notes: [...notes, ...notesOf(facts, format, course)],
    };
  } catch (error) {
    return failed({ input, output }, error);
  }
}

function notesOf({ isCmyk, bits }: PhotoFacts, format: PhotoFormat, { difference }: Course): string[] {
  return [
    ...(isCmyk ? ['its CMYK colours became sRGB'] : []),
    ...(bits === 16 && (format === 'jpeg' || format === 'webp' || format === 'avif') ? ['its 16 bits became 8'] : []),
    ...(difference > 0.5
      ? [`its tiles show: up to ${difference.toFixed(1)} levels of 255; give larger ones with --tile or --memory`]
      : []),
  ];
}

/** Errors: all that is not about this one photograph. */
function failed({ input, output }: Job, error: unknown): Outcome {
  if (systemReason(error) !== undefined) throw Object.assign(error as NodeJS.ErrnoException, { path: output });
  if (!(error instanceof UnusablePhoto || error instanceof UserError)) throw error;
  return { input, output, status: 'failed', reason: error.message };
}

function pixelsOf({ width, height }: PhotoFacts): number {
  return width * height;
}

/** In hundredths. */
function megapixels(pixels: number): number {
  return Math.max(0.01, Math.round(pixels / MEGA / 0.01) / 100);
}
