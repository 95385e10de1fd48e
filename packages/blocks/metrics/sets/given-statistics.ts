import { extname } from 'node:path';
import { UserError } from '@dualprior/core';
import { centre, factorOfSet, factorOfStatistics, type Factored } from './frechet.ts';
import type { ImageVectors } from './image-vectors.ts';
import { readStatistics } from './read-statistics.ts';
import { differentImages, readVectors } from './vectors-file.ts';

/** What restored images are compared with instead of the sharp test images. */
export interface GivenStatistics {
  /** The statistics of a layer; undefined if the file has none for it. */
  factor(layer: number): Factored | undefined;
  /** The number of layers with statistics, the deepest first. */
  readonly layers: number;
  /** Count of the different images behind them; undefined where the file does not say. */
  readonly different: number | undefined;
  /** What the statistics are of, for display. */
  readonly description: string;
  /** What is unknown about them, if anything. */
  readonly doubt: string | undefined;
}

/**
 * Statistics in a file: vectors of images as a run keeps them in its store (`references/HASH.vectors`), which say what they were made with, or the
 * `.npz` of others with `mu` and `sigma` of the deepest layer, which does not.
 * Errors: `UserError` for a file that is missing or damaged, and for what was made with another extractor or resizing as far as the file shows it.
 */
export function readGivenStatistics(file: string, source: ImageVectors): GivenStatistics {
  return extname(file) === '.vectors' ? ofVectors(file, source) : ofStatistics(file, source);
}

function ofVectors(file: string, source: ImageVectors): GivenStatistics {
  const found = readVectors(file, 'Give a copy that is whole, or have it made again.');
  if (!found) throw new UserError(`${file} is no whole file of vectors.`);
  const { head, vectors } = found;
  if (head.source !== source.key) {
    throw new UserError(
      `${file} holds vectors that were made with another feature extractor, other weights or another resizing: ${head.source} instead of ${source.key}.`,
    );
  }
  const count = head.images.length;
  const [first, last] = [head.images[0]?.[0], head.images.at(-1)?.[0]];
  return {
    layers: source.sets.layers.length,
    different: differentImages(head),
    description: `the ${count} images (${first} to ${last}) whose vectors are in ${file}`,
    doubt: undefined,
    // They are not the test images, so no test image counts for them.
    factor: (layer) => ({ ...factorOfSet(centre(source.layer(vectors, layer))), count: undefined }),
  };
}

function ofStatistics(file: string, source: ImageVectors): GivenStatistics {
  const [{ name, channels }] = source.sets.layers as [{ name: string; channels: number }];
  const statistics = readStatistics(file, channels, `"${source.extractor.type}" at ${name}`);
  return {
    layers: 1,
    different: undefined,
    description: `the statistics in ${file}`,
    doubt: `${file} does not say with which feature extractor and resizing its statistics were made, nor of which and how many images: the figure is right only if they are those of this table.`,
    factor: (layer) => (layer === 0 ? factorOfStatistics(statistics) : undefined),
  };
}
