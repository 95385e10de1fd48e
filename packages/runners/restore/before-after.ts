import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join, relative } from 'node:path';
import { damageOf } from '@dualprior/blocks';
import { makeFolder, writeFileAtomic } from '@dualprior/core';
import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { wholePage } from '../report/page/document.ts';
import { html } from '../report/page/html.ts';
import { ImageStore } from '../report/page/image-store.ts';
import { slider } from '../report/page/slider.ts';
import type { Job } from './inputs.ts';
import { MOST_PIXELS } from './photo.ts';
import { UnusablePhoto } from './unusable-photo.ts';

/** Folder of the pictures with both sides, below the output. */
const BEFORE_AFTER = 'before-after';
/** Longest side of each, in pixels. */
const LONGEST = 4096;
const GAP = 8;
const QUALITY = 92;

/** Longest side of a picture on the page, and how many the page holds. */
const SHOWN = 1280;
const MOST_SHOWN = 100;

const LABELS = ['before', 'after'] as const;

/**
 * Writes a photograph and its restored one side by side, as a JPEG. Larger ones are made smaller.
 * Errors: `UnusablePhoto` if the restored one, which was there before, cannot be read.
 */
export async function writeBeforeAfter({ input, output }: Job, file: string): Promise<void> {
  const [before, after] = await Promise.all([pixelsOf(input), pixelsOf(output)]);
  const bytes = await sharp({
    create: {
      width: before.info.width + GAP + after.info.width,
      height: Math.max(before.info.height, after.info.height),
      channels: 3,
      background: 'white',
    },
  })
    .composite([
      { input: before.data, raw: before.info, left: 0, top: 0 },
      { input: after.data, raw: after.info, left: before.info.width + GAP, top: 0 },
    ])
    .jpeg({ quality: QUALITY, chromaSubsampling: '4:4:4' })
    .toBuffer();
  makeFolder(dirname(file));
  writeFileAtomic(file, (unfinished) => unfinished.append(bytes));
}

/** Where both sides of a photograph go. */
export function beforeAfterFile(output: string, job: Job): string {
  const path = relative(output, job.output);
  const ending = extname(path).slice(1);
  return join(
    output,
    BEFORE_AFTER,
    `${path.slice(0, path.length - extname(path).length)}${ending && `-${ending}`}.jpg`,
  );
}

/** Writes a page that holds photographs and their restored ones, with a divider between them. It needs no other file and no network. */
export async function writePage(file: string, output: string, jobs: readonly Job[], method: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dualprior-page-'));
  try {
    const images = new ImageStore();
    const some = jobs.slice(0, MOST_SHOWN);
    const frames = [];
    for (const [i, { input, output: restored }] of some.entries()) {
      const files = new Map<string, string>();
      for (const [label, path] of [
        [LABELS[0], input],
        [LABELS[1], restored],
      ] as const) {
        const small = join(folder, `${i}-${label}.png`);
        await shown(path, SHOWN).png({ compressionLevel: 1 }).toFile(small);
        files.set(label, small);
      }
      frames.push({ of: [i], files });
    }
    const choices = [{ label: 'Photograph', options: some.map((job) => relative(output, job.output)) }];
    const body = await slider({ choices, labels: LABELS, left: LABELS[0], right: LABELS[1], frames }, images);
    const left = jobs.length - some.length;
    const lead = `Restored by ${method}.${left > 0 ? ` The first ${some.length} of ${jobs.length} photographs.` : ''} Shown with at most ${SHOWN} pixels a side.`;
    const page = await wholePage({
      kind: 'Restored photographs',
      title: 'Before and after',
      lead,
      sections: [{ id: 'slider', title: 'Before and after', body: html`${body}` }],
      images,
    });
    writeFileAtomic(file, (unfinished) => unfinished.append(Buffer.from(page)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Errors: `UnusablePhoto`. */
async function pixelsOf(file: string): Promise<{ data: Buffer; info: OutputInfo }> {
  try {
    return await shown(file, LONGEST).raw().toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw new UnusablePhoto(
      `${file} was there already, but ${damageOf(file, error as Error)}; --force restores it again`,
    );
  }
}

/** A photograph as it looks: upright, in sRGB, transparency on white. */
function shown(file: string, longest: number): Sharp {
  return sharp(file, { limitInputPixels: MOST_PIXELS })
    .autoOrient()
    .flatten({ background: 'white' })
    .resize(longest, longest, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb');
}
