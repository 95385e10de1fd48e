import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '@dualprior/core';
import writeFileAtomic from 'write-file-atomic';
import type { MethodViews } from '../methods/method.ts';
import { imageFile, isThere, type EvaluationOptions } from './evaluate.ts';
import { imageTensor } from '../inference/images.ts';
import { finiteImages } from '../inference/not-finite-image.ts';
import { viewImages } from '../inference/restore.ts';
import { restoring } from '../inference/restoring.ts';
import { png } from '../inference/sheet.ts';

/**
 * Saves the images on a method's way to its result, of the first `options.images` test images. What an earlier call with the same
 * `identity` has written is not computed again.
 * Errors: one of them is not finite.
 * @param folder of the method
 * @param place folder of a view
 */
export async function writeViews(
  label: string,
  { names, make }: MethodViews,
  identity: string,
  folder: string,
  place: (view: string) => string,
  { data, images, batch, compile, sampler }: EvaluationOptions,
): Promise<void> {
  const count = Math.min(images, data.length);
  const marker = join(folder, 'views.identity');
  const whole = JSON.stringify([identity, count]);
  const files = names.flatMap((name) => Array.from({ length: count }, (_, i) => imageFile(place(name), i)));
  if (existsSync(marker) && readFileSync(marker, 'utf8') === whole && files.every(isThere)) return;
  for (const name of names) makeFolder(join(place(name), 'images'));
  const step = restoring(make, compile);
  try {
    for (let start = 0; start < count; start += batch) {
      const indices = Array.from({ length: Math.min(batch, count - start) }, (_, i) => start + i);
      const degraded = await Promise.all(indices.map(async (i) => (await sampler.pair(data, i)).degraded));
      const made = finiteImages(() => viewImages(degraded, step), {
        name: `The method "${label}"`,
        image: (i) => data.name(indices[i]!),
        again: (i) => make(imageTensor([degraded[i]!])),
      });
      for (const [i, views] of made.entries()) {
        for (const [v, name] of names.entries()) {
          writeFileAtomic.sync(imageFile(place(name), indices[i]!), await png(views[v]!));
        }
      }
    }
  } finally {
    step.dispose();
  }
  writeFileAtomic.sync(marker, whole);
}
