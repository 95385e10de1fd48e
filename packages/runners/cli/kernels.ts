import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CameraShake } from '@dualprior/blocks';
import { Random, UserError } from '@dualprior/core';
import { Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { kernelImage, supportSize } from '../evaluation/kernel-sheet.ts';
import { contactSheet } from '../evaluation/sheet.ts';
import { runsFolder } from '../experiment/places.ts';
import { fromUser, runCommand } from './command.ts';

interface Flags {
  count: number;
  size: number;
  seed: number;
  imageSide: number;
  output: string;
  json?: boolean;
}

const SHOWN = 100;
const COLUMNS = 10;
const BAR = 50;
const CELL = 80;

await new Command('kernels')
  .description(
    'Draws the motion-blur kernels: a contact sheet of the first hundred and the histogram of all support sizes.',
  )
  .option('--count <n>', 'how many kernels', wholeNumber, 1000)
  .option('--size <pixels>', 'side of the canvas at an image side of 512, odd', wholeNumber, 71)
  .option('--seed <n>', "the data set's seed", wholeNumber, 0)
  .option('--image-side <pixels>', 'longer side of the images; kernels scale with it', wholeNumber, 512)
  .option('--output <dir>', 'where the files go', join(runsFolder(), 'kernels'))
  .option('--json', 'print one JSON document on standard output')
  .action((flags: Flags) => runCommand(() => main(flags)))
  .parseAsync();

async function main({ count, size, seed, imageSide, output, json }: Flags): Promise<void> {
  const family = new CameraShake({ count, size, reference: 512 });
  const random = new Random(seed);
  const kernels = Array.from({ length: count }, (_, index) => family.kernel(random, index, imageSide));
  const supports = kernels.map(supportSize);
  const folder = fromUser(output);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new UserError(`${folder} cannot be written: ${(error as Error).message}`);
  }
  const images = kernels.slice(0, SHOWN).map((kernel) => kernelImage(kernel, CELL));
  const rows = Array.from({ length: Math.ceil(images.length / COLUMNS) }, (_, r) =>
    images.slice(r * COLUMNS, (r + 1) * COLUMNS),
  );
  writeFileSync(join(folder, 'kernels.png'), await contactSheet(rows));
  const histogram = countBy(supports, kernels[0]!.size);
  writeFileSync(join(folder, 'supports.csv'), stringify([['support', 'kernels'], ...histogram]));
  const text = `${bars(histogram)}\n\nSupport (longer side, pixels) of ${count} kernels on canvases of ${kernels[0]!.size}\nWritten to ${folder}: kernels.png, supports.csv`;
  process.stdout.write(`${json ? JSON.stringify({ folder, canvas: kernels[0]!.size, histogram }) : text}\n`);
}

/** How many kernels have each support from 1 to the canvas. */
function countBy(supports: readonly number[], canvas: number): [support: number, kernels: number][] {
  return Array.from({ length: canvas }, (_, i) => [i + 1, supports.filter((support) => support === i + 1).length]);
}

/** A bar a bin; at most about twenty bins. */
function bars(histogram: readonly [number, number][]): string {
  const bin = Math.ceil(histogram.length / 20);
  const bins = Array.from({ length: Math.ceil(histogram.length / bin) }, (_, b) =>
    histogram.slice(b * bin, (b + 1) * bin),
  );
  const sums = bins.map((part) => part.reduce((sum, [, kernels]) => sum + kernels, 0));
  const most = Math.max(...sums);
  return bins
    .map((part, b) => {
      const [first, last] = [part[0]![0], part.at(-1)![0]];
      const label = first === last ? `${first}` : `${first}-${last}`;
      return `${label.padStart(7)} ${'█'.repeat(Math.round((sums[b]! / most) * BAR))} ${sums[b]}`;
    })
    .join('\n');
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new UserError(`"${text}" is not a whole number.`);
  return Number(text);
}
