import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toUnit } from '@dualprior/blocks';
import { makeFolder, statelessNormal, type Journal } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { TrainedGenerator } from '../../experiment/gan-networks.ts';
import { toImages } from '../../evaluation/images.ts';
import { contactSheet } from '../../evaluation/sheet.ts';

/** Always the same latents, so that faces can be followed from grid to grid. */
const SEED = [0, 4];

/** Writes a square grid of images of fixed latents, with the numbers of `vector` and the stored noise. */
export async function writeSampleGrid(
  { module, parameters }: TrainedGenerator,
  vector: Tensor1D,
  { count, folder, iterations, journal }: { count: number; folder: string; iterations: number; journal: Journal },
): Promise<void> {
  const batch = tf.tidy(() => {
    const z = statelessNormal<Tensor2D>([count, module.styleWidth], tf.tensor1d(SEED, 'int32'));
    const images = parameters.use(() => module.synthesize(module.map(z)), vector);
    return toUnit(images);
  });
  const images = toImages(batch);
  batch.dispose();
  const columns = Math.ceil(Math.sqrt(count));
  const rows = Array.from({ length: Math.ceil(count / columns) }, (_, r) =>
    images.slice(r * columns, (r + 1) * columns),
  );
  makeFolder(join(folder, 'samples'));
  const file = join(folder, 'samples', `${String(iterations).padStart(7, '0')}.png`);
  writeFileSync(file, await contactSheet(rows));
  journal.image('samples', file, iterations);
}
