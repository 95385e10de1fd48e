import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { alignFace, type Image } from '@dualprior/blocks';
import { makeFolder, writeFileAtomic } from '@dualprior/core';
import sharp from 'sharp';
import type { Console } from '../console/console.ts';
import { jobsOf } from '../restore/inputs.ts';
import { lookThrough, type Failure } from './look-through.ts';

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
  const there = new Set(force ? [] : jobs.filter(done));
  const left = jobs.filter((job) => !there.has(job));
  const kept = [...there].map(({ input }) => input);
  const [crops, failures]: [string[], Failure[]] = [[], []];
  if (left.length === 0) return { crops, kept, failures };
  const files = left.map(({ input }) => input);
  await lookThrough(files, { doing: 'aligning', console, signal }, async (found, i) => {
    if ('reason' in found) failures.push(found);
    else {
      const { image, faces } = found;
      const { input, output: file } = left[i]!;
      if (faces.length === 0) failures.push({ file: input, reason: 'no face was found' });
      makeFolder(dirname(file));
      // The first one comes last: where it is, the others are too.
      for (const [k, { square }] of [...faces.entries()].reverse()) {
        const name = faces.length === 1 ? file : numbered(file, k);
        await writePng(name, alignFace(image, square, size));
        crops.push(name);
      }
    }
    return `${crops.length} faces`;
  });
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
