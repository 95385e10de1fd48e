import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { alignFace, decode, FaceDetector, type Image } from '@dualprior/blocks';
import { Interrupted, makeFolder, writeFileAtomic } from '@dualprior/core';
import sharp from 'sharp';
import type { Console } from '../console/console.ts';
import { jobsOf } from '../restore/inputs.ts';
import { unreadable, type Failure } from './failures.ts';

interface AlignOptions {
  readonly folder: string;
  readonly output: string;
  /** Side of the crops, in pixels. */
  readonly size: number;
  /** Whether to align again what is there already. */
  readonly force: boolean;
  readonly console: Console;
  readonly signal: AbortSignal;
}

interface AlignResult {
  /** The crops that were written. */
  readonly crops: readonly string[];
  /** Photographs whose crops were there already. */
  readonly kept: readonly string[];
  readonly failures: readonly Failure[];
}

/**
 * Cuts faces out of all photographs below a folder as FFHQ does: `NAME.png` of a photograph with one face, `NAME-1.png`, `NAME-2.png`, ... of one with several, from left to
 * right. Errors: `UserError` for a folder without images, an output below it, two photographs of one name; `Interrupted`.
 */
export async function alignFolder({ folder, output, size, ...options }: AlignOptions): Promise<AlignResult> {
  const { console, signal, force } = options;
  const jobs = jobsOf([folder], output, 'png');
  const done = ({ output: file }: { output: string }) => existsSync(file) || existsSync(numbered(file, 0));
  const left = force ? jobs : jobs.filter((job) => !done(job));
  const kept = jobs.filter((job) => !left.includes(job)).map(({ input }) => input);
  const [crops, failures]: [string[], Failure[]] = [[], []];
  if (left.length === 0) return { crops, kept, failures };
  const detector = new FaceDetector();
  const progress = console.progress('aligning', left.length, 0, 'images');
  try {
    for (const [i, { input, output: file }] of left.entries()) {
      if (signal.aborted) throw new Interrupted();
      const image = await decode(input, undefined).catch((error: unknown) => unreadable(input, error));
      if ('reason' in image) failures.push(image);
      else {
        const faces = await detector.find(image);
        if (faces.length === 0) failures.push({ file: input, reason: 'no face was found' });
        makeFolder(dirname(file));
        // The first one comes last: where it is, the others are too.
        for (const [k, { square }] of [...faces.entries()].reverse()) {
          const name = faces.length === 1 ? file : numbered(file, k);
          await writePng(name, alignFace(image, square, size));
          crops.push(name);
        }
      }
      progress.update(i + 1, `${crops.length} faces`);
    }
  } finally {
    progress.stop();
    detector.dispose();
  }
  return { crops: crops.sort(), kept, failures };
}

function numbered(file: string, index: number): string {
  return file.replace(/\.png$/i, `-${index + 1}.png`);
}

async function writePng(file: string, { width, height, data }: Image): Promise<void> {
  const bytes = Uint8ClampedArray.from(data);
  const png = await sharp(bytes, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  writeFileAtomic(file, (unfinished) => unfinished.append(png));
}
