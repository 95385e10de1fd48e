import type { Image } from '@dualprior/blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { imageTensor, toImages } from './images.ts';
import { NotFiniteImage } from './not-finite-image.ts';
import type { Restoring, Viewing } from './restoring.ts';

/** Restores images, as 8-bit images again; those of equal size are restored together. Errors: as `viewImages`. */
export function restoreImages(degraded: readonly Image[], restoring: Restoring): Image[] {
  return viewImages(degraded, { run: (batch) => [restoring.run(batch)] }).map(([image]) => image!);
}

/**
 * What `viewing` makes of each image, as 8-bit images; images of equal size are taken together.
 * Errors: `NotFiniteImage` with the position of an image of which it makes one that holds NaN or infinity.
 */
export function viewImages(degraded: readonly Image[], viewing: Pick<Viewing, 'run'>): Image[][] {
  const views = new Array<Image[]>(degraded.length);
  for (const indices of groupBySize(degraded).values()) {
    const results = viewGroup(degraded, indices, viewing);
    indices.forEach((i, k) => (views[i] = results.map((images) => images[k]!)));
  }
  return views;
}

function viewGroup(degraded: readonly Image[], indices: readonly number[], viewing: Pick<Viewing, 'run'>): Image[][] {
  const group = indices.map((i) => degraded[i]!);
  const batches: readonly Tensor4D[] = tf.tidy(() => [...viewing.run(imageTensor(group))]);
  try {
    return batches.map(toImages);
  } catch (error) {
    throw error instanceof NotFiniteImage ? new NotFiniteImage(indices[error.index]!) : error;
  } finally {
    tf.dispose([...batches]);
  }
}

/** Positions of the images of each size. */
export function groupBySize(images: readonly Image[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  images.forEach(({ width, height }, i) => {
    const size = `${width}x${height}`;
    groups.set(size, [...(groups.get(size) ?? []), i]);
  });
  return groups;
}
