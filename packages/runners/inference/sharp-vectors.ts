import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  differentImages,
  Prefetcher,
  readVectors,
  writeVectors,
  type Dataset,
  type Image,
  type ImageVectors,
  type Vectors,
} from '@dualprior/blocks';
import { UserError, Interrupted } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import { MeasuredSoFar } from './measured-so-far.ts';

/** The vectors of sharp images, in the order of the data set. */
export interface SharpVectors extends Vectors {
  /** Count of the images of different pixels. */
  readonly different: number;
  /** Errors: `UserError` if the image is not the one that its vector was made of. */
  check(index: number, sharp: Image): void;
}

export interface SharpVectorsOptions {
  readonly data: Pick<Dataset, 'length' | 'name' | 'read'>;
  readonly name: string;
  /** The identity of the sharp images of the data set. */
  readonly identity: string;
  /** By which older versions knew them. */
  readonly formerIdentity?: string;
  /** Prepared. */
  readonly source: ImageVectors;
  /** Images taken together. */
  readonly batch: number;
  /** Folder of finished vectors, e.g. of what all runs share. */
  readonly cache: string;
  /** Folder for what is not finished yet. */
  readonly folder: string;
  readonly console: Pick<Console, 'progress'>;
  readonly signal: AbortSignal;
}

/**
 * Computes the vectors of the sharp images once for each extractor and data set: they are kept in the cache.
 * What an interrupted call has computed is not computed again.
 */
export async function sharpVectors(options: SharpVectorsOptions): Promise<SharpVectors> {
  const { data, source, batch, cache, folder, console, signal } = options;
  const { identity, key } = keyOf(options, options.identity);
  const file = join(cache, `${key}.vectors`);
  const known = readCached(file, options) ?? readFormer(options);
  if (known) return known;
  const soFar = new MeasuredSoFar(join(folder, key), identity, [source.length], batch);
  const progress = console.progress('sharp images', data.length, soFar.rows.length, 'images');
  const batches = Math.ceil(data.length / batch);
  const indicesOf = (b: number) =>
    Array.from({ length: Math.min(batch, data.length - b * batch) }, (_, i) => b * batch + i);
  const first = soFar.rows.length / batch;
  const prefetcher = new Prefetcher((b) => Promise.all(indicesOf(b).map((i) => data.read(i))), 2, batches);
  try {
    for (let b = first; b < batches; b++) {
      await setImmediate(); // lets signals and the tracker have their turn
      if (signal.aborted) throw new Interrupted();
      const images = await prefetcher.get(b);
      const rows = images.map((image, i) => ({
        name: data.name(b * batch + i),
        values: [],
        fingerprint: imageFingerprint(image),
      }));
      soFar.add(rows, [source.of(images)]);
      progress.update(soFar.rows.length, '');
    }
  } finally {
    await prefetcher.close();
    progress.stop();
  }
  const images = soFar.rows.map(({ name, fingerprint }) => [name, fingerprint!] as const);
  writeVectors(file, { source: source.key, data: options.identity, length: source.length, images }, soFar.vectors(0));
  soFar.discard();
  const made = readCached(file, options);
  if (!made) throw new Error(`${file} cannot be read back.`);
  return made;
}

function keyOf({ data, source }: SharpVectorsOptions, of: string): { identity: string; key: string } {
  const identity = JSON.stringify([of, data.length, source.key]);
  return { identity, key: createHash('sha256').update(identity).digest('hex').slice(0, 16) };
}

function readFormer(options: SharpVectorsOptions): SharpVectors | undefined {
  const { formerIdentity: identity, cache } = options;
  if (identity === undefined) return undefined;
  return readCached(join(cache, `${keyOf(options, identity).key}.vectors`), { ...options, identity });
}

/**
 * Undefined where there is no such file, or only a part of one.
 * Errors: `UserError` if it is damaged, or was made with another feature extractor or resizing, or of other data.
 */
function readCached(file: string, { source, data, name, identity }: SharpVectorsOptions): SharpVectors | undefined {
  const remedy = 'Remove that file: its vectors are made again.';
  const found = readVectors(file, remedy);
  if (!found) return undefined;
  const { head, vectors } = found;
  const fail = (what: string, found: string, expected: string) =>
    new UserError(`${file} holds vectors of sharp images ${what}: ${found} instead of ${expected}. ${remedy}`);
  if (head.source !== source.key)
    throw fail('made with another feature extractor or resizing', head.source, source.key);
  if (head.data !== identity) throw fail('of another data set', head.data, `"${name}" (${identity})`);
  if (head.images.length !== data.length) {
    throw fail('of other data', `${head.images.length} images`, `the ${data.length} of "${name}"`);
  }
  return {
    ...vectors,
    different: differentImages(head),
    check: (index, sharp) => {
      const [known, fingerprint] = head.images[index]!;
      if (known === data.name(index) && fingerprint === imageFingerprint(sharp)) return;
      const found = `image ${index} of "${name}", ${data.name(index)},`;
      throw new UserError(`${found} is not the one that the vectors in ${file} were made of (${known}). ${remedy}`);
    },
  };
}

/** Equal for images of equal pixels. */
function imageFingerprint({ width, height, data }: Image): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return createHash('sha256').update(`${width}x${height}`).update(bytes).digest('hex').slice(0, 16);
}
