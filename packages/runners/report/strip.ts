import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from '@dualprior/blocks';
import { UserError } from '@dualprior/core';
import sharp from 'sharp';
import { contactSheet } from '../inference/sheet.ts';
import { readMeasurements } from './record/measurements.ts';
import { sharpFolder } from './record/pictures.ts';

/** The number of test images, and the least width of each in the picture, in pixels. */
const [ROWS, LEAST] = [3, 128];

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
  const rows = names.map((name) => Promise.all(folders.map(([, folder]) => decode(join(folder, name), undefined))));
  const sheet = await contactSheet(
    await Promise.all(rows),
    folders.map(([label]) => label),
    LEAST,
  );
  return sharp(sheet).webp({ quality: 90 }).toBuffer();
}
