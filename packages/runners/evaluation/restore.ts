import type { Image } from '@dualprior/blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { toBatch, toImages } from './images.ts';
import type { Restoring, Viewing } from './restoring.ts';

/** Restores images, as 8-bit images again; those of equal size are restored together. */
export function restoreImages(degraded: readonly Image[], restoring: Restoring): Image[] {
  return viewImages(degraded, { run: (batch) => [restoring.run(batch)] }).map(([image]) => image!);
}

/** What `viewing` makes of each image, as 8-bit images; images of equal size are taken together. */
export function viewImages(degraded: readonly Image[], viewing: Pick<Viewing, 'run'>): Image[][] {
  const views = new Array<Image[]>(degraded.length);
  for (const indices of groupBySize(degraded).values()) {
    const results = viewBatch(
      indices.map((i) => degraded[i]!),
      viewing,
    );
    indices.forEach((i, k) => (views[i] = results.map((images) => images[k]!)));
  }
  return views;
}

function viewBatch(degraded: readonly Image[], viewing: Pick<Viewing, 'run'>): Image[][] {
  const batches: readonly Tensor4D[] = tf.tidy(() => [...viewing.run(toBatch(degraded))]);
  try {
    return batches.map(toImages);
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
