import type { Dataset } from '../dataset.ts';
import type { Image } from '../../images/image.ts';

/** A degraded image and its sharp one. */
export interface Pair {
  /** Undefined for a photograph that came degraded. */
  readonly sharp: Image | undefined;
  readonly degraded: Image;
}

/** A pair whose degraded image may still be to be made. */
export interface Unmade {
  readonly sharp: Image;
  /** As its file holds it; undefined where `degrade` makes it. */
  readonly degraded: Image | undefined;
}

/**
 * Image `index` as it always is in validation and evaluation. A degradation that is made is a function of the data set's seed and the
 * image's name. Errors: `UnreadableImage`.
 */
export async function pairAt(dataset: Dataset, index: number): Promise<Pair> {
  if (!dataset.hasSharp) return { sharp: undefined, degraded: await readDegraded(dataset, index) };
  const { sharp, degraded } = await readPair(dataset, index);
  if (degraded) return { sharp, degraded };
  return { sharp, degraded: await dataset.degrade(sharp, dataset.random.stream('pair', dataset.name(index))) };
}

/** A pair of a data set that has sharp images. */
export function withSharp({ sharp, degraded }: Pair): Pair & { readonly sharp: Image } {
  if (!sharp) throw new Error('A sharp image was asked of a data set that has none.');
  return { sharp, degraded };
}

/** What of a pair is read. Errors: `UnreadableImage`. */
export async function readPair(dataset: Dataset, index: number): Promise<Unmade> {
  if (dataset.degraded !== 'read') return { sharp: await dataset.read(index), degraded: undefined };
  const [sharp, degraded] = await Promise.all([dataset.read(index), readDegraded(dataset, index)]);
  return { sharp, degraded };
}

/** The degraded image of a data set that has them. */
export function readDegraded(dataset: Dataset, index: number): Promise<Image> {
  if (!dataset.readDegraded) throw new Error('The data set has no degraded images of its own.');
  return dataset.readDegraded(index);
}
