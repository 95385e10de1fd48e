import type { Image } from '@dualprior/blocks';
import * as tf from '@tensorflow/tfjs-core';
import { toBatch, toImages } from './images.ts';
import type { Restoring } from './restoring.ts';

/** Restores images, as 8-bit images again; those of equal size are restored together. */
export function restoreImages(degraded: readonly Image[], restoring: Restoring): Image[] {
  const restored = new Array<Image>(degraded.length);
  for (const indices of groupBySize(degraded).values()) {
    const images = restoreBatch(
      indices.map((i) => degraded[i]!),
      restoring,
    );
    indices.forEach((i, k) => (restored[i] = images[k]!));
  }
  return restored;
}

function restoreBatch(degraded: readonly Image[], restoring: Restoring): Image[] {
  const batch = tf.tidy(() => restoring.run(toBatch(degraded)));
  try {
    return toImages(batch);
  } finally {
    batch.dispose();
  }
}

function groupBySize(images: readonly Image[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  images.forEach(({ width, height }, i) => {
    const size = `${width}x${height}`;
    groups.set(size, [...(groups.get(size) ?? []), i]);
  });
  return groups;
}
