import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CameraShake } from '@dualprior/blocks';
import { makeFolder, Random, UserError } from '@dualprior/core';
import { toCsvText } from '../evaluation/csv.ts';
import { kernelImage, supportSize } from '../evaluation/kernel-sheet.ts';
import { contactSheet } from '../inference/sheet.ts';
import { runsFolder } from '../store/places.ts';
import { fromUser, newCommand, parse, runCommand } from './command.ts';

interface Flags {
  count: string;
  size: string;
  seed: string;
  imageSide: string;
  output: string;
  json?: boolean;
}

const REFERENCE = 512;
const SHOWN = 100;
const COLUMNS = 10;
const BAR = 50;
const CELL = 80;

const program = newCommand('kernels')
  .description(
    'Draws the motion-blur kernels: a contact sheet of the first hundred and the histogram of all support sizes.',
  )
  .option('--count <n>', 'how many kernels', '1000')
  .option('--size <pixels>', `side of the canvas at an image side of ${REFERENCE}, odd`, '71')
  .option('--seed <n>', "the data set's seed", '0')
  .option('--image-side <pixels>', 'longer side of the images; kernels scale with it', `${REFERENCE}`)
  .option('--output <dir>', 'output folder', join(runsFolder(), 'kernels'))
  .option('--json', 'print one JSON document on standard output')
  .action((flags: Flags) => runCommand(() => main(flags)));

await parse(program);

async function main(flags: Flags): Promise<void> {
  const count = wholeNumber('--count', flags.count, 1, 100_000);
  const size = wholeNumber('--size', flags.size, 3, 255);
  const seed = wholeNumber('--seed', flags.seed, 0, Number.MAX_SAFE_INTEGER);
  const imageSide = wholeNumber('--image-side', flags.imageSide, 1, 4096);
  const family = new CameraShake({ count, size, reference: REFERENCE });
  const random = new Random(seed);
  const folder = fromUser(flags.output);
  makeFolder(folder);

  const supports: number[] = [];
  const cells: ReturnType<typeof kernelImage>[] = [];
  let canvas = size;
  for (let index = 0; index < count; index++) {
    const kernel = family.kernel(random, index, imageSide);
    canvas = kernel.size;
    supports.push(supportSize(kernel));
    if (index < SHOWN) cells.push(kernelImage(kernel, CELL));
  }
  const histogram = countBy(supports, canvas);
  save(join(folder, 'kernels.png'), await contactSheet(inRows(cells)));
  save(join(folder, 'supports.csv'), toCsvText([['support', 'kernels'], ...histogram]));
  const text =
    `Support (longer side, pixels) of ${count} kernels on canvases of ${canvas}x${canvas}:\n\n${bars(histogram)}\n\n` +
    `The first ${cells.length}: ${join(folder, 'kernels.png')}\nHistogram: ${join(folder, 'supports.csv')}`;
  process.stdout.write(`${flags.json ? JSON.stringify({ folder, canvas, histogram }) : text}\n`);
}

function inRows<T>(cells: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(cells.length / COLUMNS) }, (_, r) =>
    cells.slice(r * COLUMNS, (r + 1) * COLUMNS),
  );
}

function save(file: string, content: string | Buffer): void {
  try {
    writeFileSync(file, content);
  } catch (error) {
    throw new UserError(`${file} cannot be written: ${(error as Error).message}`);
  }
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

function wholeNumber(flag: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  throw new UserError(`${flag} is ${text}, but must be a whole number from ${minimum} to ${maximum}.`);
}
