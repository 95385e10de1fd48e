import { UserError, type Random, type Stream } from '@dualprior/core';
import type { DrawnBlur } from '../../degradations/on-device/drawn-blur.ts';
import type { Dataset } from '../dataset.ts';
import { stackImages, whole, type Image, type Size, type Window } from '../../images/image.ts';
import { crop, flip, quarterTurn } from '../../images/transform.ts';
import { readPair, type Unmade } from './pair-at.ts';
import { refuseTooMany, UnreadableImage, type Unreadable } from '../files/unreadable.ts';

/** Which image of a data set a sample shows, and how. */
export interface Shown {
  readonly name: string;
  /** Whether it is mirrored left and right (before it is turned or cropped, if it is). */
  readonly flipped: boolean;
}

/** One image of a batch and its degraded one: HWC in [0, 1]. */
export interface Sample extends Size, Shown {
  readonly degraded: Float32Array;
  /** What a device is to compute the degraded image from, which is empty then. */
  readonly blur?: DrawnBlur | undefined;
  readonly sharp: Float32Array;
  /** Images that it would have shown and that turned out to be unreadable. */
  readonly unreadable: readonly Unreadable[];
}

/** Degraded and sharp images: NHWC in [0, 1]. */
export interface Batch {
  readonly degraded: Float32Array;
  /** What a device is to compute the degraded images from, which are empty then (`Sampling.onDevice`). */
  readonly blurs?: readonly DrawnBlur[] | undefined;
  readonly sharp: Float32Array;
  readonly shape: [count: number, height: number, width: number, channels: number];
  /** What they show. */
  readonly shown: readonly Shown[];
  /** Images that turned out to be unreadable while it was made; others stand in for them. */
  readonly unreadable: readonly Unreadable[];
}

export interface Sampling {
  /** Name of the stream of randomness. */
  readonly stream: string;
  /** From 0. */
  readonly iteration: number;
  /** Images per batch. */
  readonly size: number;
  /** Images that the batches before it took; by default `iteration` times `size`. */
  readonly drawn?: number | undefined;
  /** Side of a random square, in pixels; the whole image if absent. */
  readonly crop?: number | undefined;
  readonly augment: { readonly flip: boolean; readonly rotate: boolean };
  /** Whether images that are to be degraded are only drawn for a device (`Dataset.drawBlur`). */
  readonly onDevice?: boolean | undefined;
  /** Images that count as unreadable, whatever their files hold now. */
  readonly unreadable?: readonly Unreadable[] | undefined;
}

/**
 * The batch of an iteration. Each sample is a pure function of (seed, stream, iteration, position) and of which images can be read, so
 * resuming needs nothing else. Every image of a finite data set comes once an epoch, in random order. The sharp image is flipped and turned,
 * then cropped; the degraded one is what the whole image, degraded, would have there (a blur needs what lies around the crop), or its own
 * file's pixels there.
 * Where an image cannot be read, another one, drawn at random, stands in for it at that position. Errors: too many cannot be read.
 */
export async function sampleBatch(dataset: Dataset, random: Random, sampling: Sampling): Promise<Batch> {
  return toBatch(await samplesAt(dataset, random, sampling, positions(sampling)));
}

/** The positions of a batch, from 0. */
export function positions({ size }: Sampling): number[] {
  return Array.from({ length: size }, (_, position) => position);
}

/** The samples of a batch at some of its positions. */
export function samplesAt(
  dataset: Dataset,
  random: Random,
  sampling: Sampling,
  at: readonly number[],
): Promise<Sample[]> {
  return Promise.all(at.map((position) => sampleAt(dataset, random, sampling, position)));
}

async function sampleAt(dataset: Dataset, random: Random, sampling: Sampling, position: number): Promise<Sample> {
  const { stream: name, iteration, size, drawn = iteration * size, augment } = sampling;
  const wanted = imageIndex(dataset, random, name, drawn + position);
  const others = random.stream(name, 'stand-in', iteration, position);
  const { index, unreadable, ...read } = await readFrom(dataset, wanted, others, sampling.unreadable);
  const stream = random.stream(name, iteration, position);
  const { turned, flipped } = augmentation(augment, stream);
  const image = turned(read.sharp);
  const window = sampling.crop === undefined ? whole(image) : square(image, sampling.crop, dataset.name(index), stream);
  const { width, height } = window;
  const part = (of: Image) => (sampling.crop === undefined ? of : crop(of, window));
  const blur = read.degraded || !sampling.onDevice ? undefined : dataset.drawBlur?.(image, stream, window);
  const degraded = blur
    ? new Float32Array()
    : stackImages([read.degraded ? part(turned(read.degraded)) : await dataset.degrade(image, stream, window)]);
  return {
    name: dataset.name(index),
    flipped,
    width,
    height,
    sharp: stackImages([part(image)]),
    degraded,
    ...(blur && { blur }),
    unreadable,
  };
}

/** A pair that was read, and the images before it that could not be. */
interface Read extends Unmade {
  readonly index: number;
  readonly unreadable: readonly Unreadable[];
}

/** The wanted image, or the first of those that `others` draws that can be read. Errors: too many images cannot be. */
async function readFrom(
  dataset: Dataset,
  wanted: number,
  others: Stream,
  known: readonly Unreadable[] = [],
): Promise<Read> {
  const all = new Map(known.map((each) => [each.index, each]));
  const unreadable: Unreadable[] = [];
  for (let index = wanted; ; index = others.integer(dataset.length)) {
    if (!all.has(index)) {
      try {
        return { index, ...(await readPair(dataset, index)), unreadable };
      } catch (error) {
        if (!(error instanceof UnreadableImage)) throw error;
        const found = error.of(index, dataset.name(index));
        unreadable.push(found);
        all.set(index, found);
        refuseTooMany([...all.values()], dataset.length);
      }
    }
    if (all.size >= dataset.length) throw new UserError(`No image can be read: ${[...all.values()][0]!.file}, ...`);
  }
}

/** A square at a random place of the image. Errors: the image is smaller. */
function square({ width, height }: Image, side: number, name: string, stream: Stream): Window {
  if (side > width || side > height) {
    throw new UserError(
      `batch.crop is ${side}, but ${name} is ${width}x${height}. Give a smaller crop, or \`size\` in the data set.`,
    );
  }
  const [left, top] = [stream.integer(width - side + 1), stream.integer(height - side + 1)];
  return { left, top, width: side, height: side };
}

/** What the stream says is done to both images of a pair. */
function augmentation(
  augment: Sampling['augment'],
  stream: Stream,
): { readonly turned: (image: Image) => Image; readonly flipped: boolean } {
  const flipped = augment.flip && stream.uniform() < 0.5;
  const turns = augment.rotate ? stream.integer(4) : 0;
  return { turned: (image) => quarterTurn(flipped ? flip(image) : image, turns), flipped };
}

/** Which image the n-th sample of a training shows. */
function imageIndex(dataset: Dataset, random: Random, stream: string, n: number): number {
  const { length } = dataset;
  if (!Number.isFinite(length)) return n;
  return epochOrder(dataset, random, stream, Math.floor(n / length))[n % length]!;
}

/** How many orders are kept: those of the epochs in which a few streams are, and the next ones. */
const ORDERS = 8;

const orders = new WeakMap<Dataset, Map<string, number[]>>();

function epochOrder(dataset: Dataset, random: Random, stream: string, epoch: number): number[] {
  const known = orders.get(dataset) ?? new Map<string, number[]>();
  orders.set(dataset, known);
  const key = JSON.stringify([random.seed, stream, epoch]);
  const order = known.get(key) ?? random.stream(stream, 'epoch', epoch).permutation(dataset.length);
  known.set(key, order);
  for (const oldest of known.keys()) if (known.size > ORDERS) known.delete(oldest);
  return order;
}

/** Samples, in the order of their positions, as a batch. Errors: they differ in size. */
export function toBatch(samples: readonly Sample[]): Batch {
  const first = samples[0]!;
  const { width, height } = first;
  const other = samples.find((sample) => sample.width !== width || sample.height !== height);
  if (other) {
    throw new UserError(
      `Images of one batch must have one size, but ${sized(first)} and ${sized(other)} (turned, if \`augment.rotate\` is on). ` +
        'Give `batch.crop`, or `size` in the data set.',
    );
  }
  return {
    degraded: joined(samples.map(({ degraded }) => degraded)),
    ...(first.blur && { blurs: samples.map(({ blur }) => blur!) }),
    sharp: joined(samples.map(({ sharp }) => sharp)),
    shape: [samples.length, height, width, 3],
    shown: samples.map(({ name, flipped }) => ({ name, flipped })),
    unreadable: samples.flatMap(({ unreadable }) => unreadable),
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const { length } = parts[0]!;
  const all = new Float32Array(parts.length * length);
  parts.forEach((part, i) => all.set(part, i * length));
  return all;
}

function sized({ name, width, height }: Sample): string {
  return `${name} is ${width}x${height}`;
}
