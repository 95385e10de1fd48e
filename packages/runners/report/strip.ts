import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@dualprior/core';
import sharp from 'sharp';
import { contactSheet } from '../inference/sheet.ts';
import { readMeasurements } from './record/measurements.ts';
import { sharpFolder } from './record/pictures.ts';

/** The number of test images, and the least side of each in the picture, in pixels. */
const [ROWS, SIDE] = [3, 128];

/**
 * A WebP with a row for each of the first test images of a run: the input, the results of all methods, the sharp image if there is one.
 * Errors: `UserError` if the run has not finished, or kept no images.
 */
export async function strip(run: string): Promise<Buffer> {
  const methods = readMeasurements(run).rows.map(({ method }) => method);
  const folders = [
    ...methods.map((method) => [method, join(run, 'evaluation', method, 'images')] as const),
    ['sharp', join(sharpFolder(run), 'images')] as const,
  ].filter(([, folder]) => existsSync(folder));
  if (folders.length === 0) throw new UserError(`${run} has no images of its methods (\`evaluation.images\`).`);
  const names = readdirSync(folders[0]![1]).sort().slice(0, ROWS);
  const rows = names.map((name) => Promise.all(folders.map(([, folder]) => enlarged(join(folder, name)))));
  const sheet = await contactSheet(
    await Promise.all(rows),
    folders.map(([label]) => label),
  );
  return sharp(sheet).webp({ quality: 90 }).toBuffer();
}

/** Small images with their pixels visible, large ones as they are. */
async function enlarged(file: string) {
  const { width, height } = await sharp(file).metadata();
  const times = Math.max(1, Math.ceil(SIDE / Math.min(width, height)));
  const { data, info } = await sharp(file)
    .resize(times * width, times * height, { kernel: 'nearest' })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}
