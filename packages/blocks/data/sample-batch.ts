import { UserError, type Random, type Stream } from '@dualprior/core';
import type { Dataset } from './dataset.ts';
import { stackImages, type Image } from './image.ts';
import type { Pair } from './pair-at.ts';
import { crop, flip, quarterTurn } from './transform.ts';

interface Sample extends Pair {
  readonly name: string;
}

/** Degraded and sharp images: NHWC in [0, 1]. */
export interface Batch {
  readonly degraded: Float32Array;
  readonly sharp: Float32Array;
  readonly shape: [count: number, height: number, width: number, channels: number];
}

export interface Sampling {
  /** Name of the stream of randomness. */
  readonly stream: string;
  /** From 0. */
  readonly iteration: number;
  /** Images a batch. */
  readonly size: number;
  /** Side of a random square, in pixels; the whole image if absent. */
  readonly crop?: number | undefined;
  readonly augment: { readonly flip: boolean; readonly rotate: boolean };
}

/**
 * The batch of an iteration. Each sample is a pure function of (seed, stream, iteration, position), so resuming needs
 * nothing else. Every image of a finite data set comes once an epoch, in random order. The sharp image is flipped and turned,
 * then cropped; the degraded one is what the whole image, degraded, would have there (a blur needs what lies around the crop).
 */
export async function sampleBatch(dataset: Dataset, random: Random, sampling: Sampling): Promise<Batch> {
  const positions = Array.from({ length: sampling.size }, (_, position) => position);
  return toBatch(await Promise.all(positions.map((position) => sample(dataset, random, sampling, position))));
}

async function sample(dataset: Dataset, random: Random, sampling: Sampling, position: number): Promise<Sample> {
  const { stream: name, iteration, size, augment } = sampling;
  const index = imageIndex(dataset, random, name, iteration * size + position);
  const stream = random.stream(name, iteration, position);
  const sharp = augmented(await dataset.read(index), augment, stream);
  const side = sampling.crop;
  if (side === undefined) return { name: dataset.name(index), sharp, degraded: dataset.degrade(sharp, stream) };
  if (side > sharp.width || side > sharp.height) {
    throw new UserError(
      `batch.crop is ${side}, but ${dataset.name(index)} is ${sharp.width}x${sharp.height}. ` +
        'Give a smaller crop, or `size` in the data set.',
    );
  }
  const [left, top] = [stream.integer(sharp.width - side + 1), stream.integer(sharp.height - side + 1)];
  const window = { left, top, width: side, height: side };
  return { name: dataset.name(index), sharp: crop(sharp, window), degraded: dataset.degrade(sharp, stream, window) };
}

function augmented(image: Image, augment: Sampling['augment'], stream: Stream): Image {
  const mirrored = augment.flip && stream.uniform() < 0.5 ? flip(image) : image;
  return augment.rotate ? quarterTurn(mirrored, stream.integer(4)) : mirrored;
}

/** Which image the n-th sample of a training shows. */
function imageIndex(dataset: Dataset, random: Random, stream: string, n: number): number {
  const { length } = dataset;
  if (!Number.isFinite(length)) return n;
  return epochOrder(dataset, random, stream, Math.floor(n / length))[n % length]!;
}

const orders = new WeakMap<Dataset, { key: string; order: number[] }>();

function epochOrder(dataset: Dataset, random: Random, stream: string, epoch: number): number[] {
  const key = JSON.stringify([random.seed, stream, epoch]);
  const known = orders.get(dataset);
  if (known?.key === key) return known.order;
  const order = random.stream(stream, 'epoch', epoch).permutation(dataset.length);
  orders.set(dataset, { key, order });
  return order;
}

function toBatch(samples: readonly Sample[]): Batch {
  const first = samples[0]!;
  const { width, height } = first.sharp;
  const other = samples.find(({ sharp }) => sharp.width !== width || sharp.height !== height);
  if (other) {
    throw new UserError(
      `Images of one batch must have one size, but ${sized(first)} and ${sized(other)} (turned, if \`augment.rotate\` is on). ` +
        'Give `batch.crop`, or `size` in the data set.',
    );
  }
  return {
    degraded: stackImages(samples.map(({ degraded }) => degraded)),
    sharp: stackImages(samples.map(({ sharp }) => sharp)),
    shape: [samples.length, height, width, 3],
  };
}

function sized({ name, sharp }: Sample): string {
  return `${name} is ${sharp.width}x${sharp.height}`;
}
