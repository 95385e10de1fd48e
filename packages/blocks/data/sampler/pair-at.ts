import type { Dataset } from '../dataset.ts';
import type { Image } from '../../images/image.ts';

/** A sharp image and its degraded one. */
export interface Pair {
  readonly sharp: Image;
  readonly degraded: Image;
}

/** Image `index` with the degradation that it always has in validation and evaluation: a function of the data set's seed and the image's name. */
export async function pairAt(dataset: Dataset, index: number): Promise<Pair> {
  const sharp = await dataset.read(index);
  return { sharp, degraded: await dataset.degrade(sharp, dataset.random.stream('pair', dataset.name(index))) };
}
