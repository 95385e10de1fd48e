import { globalAveragePool, runningSum } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Pool } from './naf-block.ts';

/** The window is the training size times this (the official `base_size`). */
const WINDOW = 1.5;

/** Steps in which the fast variant samples, the largest that divides the size wins (the official `rs`). */
const STEPS = [5, 4, 3, 2, 1];

/** Vertical or horizontal size. */
interface Extent {
  /** Size of the training crops, in pixels of the image. */
  readonly train: number;
  /** Size of such a crop's features at this level. */
  readonly level: number;
}

type Axis = 1 | 2;
type Shape = Tensor4D['shape'];

/**
 * Pool of the test-time local converter (Chu et al. 2022, "Improving Image Restoration by Revisiting Global Information
 * Aggregation"; NAFNet:basicsr/models/archs/local_arch.py): the mean over a window around each pixel instead of over the
 * whole image, so that large images see statistics like those of training crops. The window is 1.5 times the training size at
 * this level; at the borders the nearest full window counts; images no larger than the window have the global mean.
 * `fast` samples every few pixels instead of all (the official `fast_imp`, a little different).
 */
export function localAveragePool(height: Extent, width: Extent, fast: boolean): Pool {
  const extents: [Axis, Extent][] = [
    [1, height],
    [2, width],
  ];
  return (x) => {
    if (extents.every(([axis, extent]) => windowOf(extent) >= x.shape[axis])) return globalAveragePool(x);
    return extents.reduce((y, [axis, extent]) => localMean(y, axis, extent, fast), x);
  };
}

function windowOf({ train, level }: Extent): number {
  return Math.floor((level * Math.floor(train * WINDOW)) / train);
}

function localMean(x: Tensor4D, axis: Axis, extent: Extent, fast: boolean): Tensor4D {
  const length = x.shape[axis];
  if (!fast) return replicate(slidingMean(x, axis, Math.min(length, windowOf(extent))), axis, length);
  const coarsest = Math.max(1, Math.floor((STEPS[0]! * extent.level) / extent.train));
  const step = Math.min(
    coarsest,
    STEPS.find((candidate) => length % candidate === 0)!,
  );
  const sampled = everyNth(x, axis, step);
  const window = Math.min(sampled.shape[axis] - 1, Math.floor(windowOf(extent) / step));
  // The official code forgets the zero before the running sum, so its first window begins one sample late.
  const means = slidingMean(slice(sampled, axis, 1, sampled.shape[axis] - 1), axis, window);
  return replicate(repeatEach(means, axis, step), axis, length);
}

/** Mean of each full window, from a running sum. */
function slidingMean(x: Tensor4D, axis: Axis, window: number): Tensor4D {
  const count = x.shape[axis] - window + 1;
  const front = tf.pad(x, x.shape.map((_, i) => (i === axis ? [1, 0] : [0, 0])) as [number, number][]);
  const sums = runningSum(front, axis);
  const windows = tf.sub(slice(sums, axis, window, count), slice(sums, axis, 0, count));
  return tf.div(windows, window);
}

/** The first and last values repeated outwards until the axis has the given length; the odd one goes to the end. */
function replicate(x: Tensor4D, axis: Axis, length: number): Tensor4D {
  const missing = length - x.shape[axis];
  const before = Math.floor(missing / 2);
  const edge = (begin: number, count: number): Tensor4D[] =>
    count > 0 ? [repeatEach(slice(x, axis, begin, 1), axis, count)] : [];
  const end = x.shape[axis] - 1;
  return tf.concat([...edge(0, before), x, ...edge(end, missing - before)], axis) as Tensor4D;
}

function slice(x: Tensor4D, axis: Axis, begin: number, count: number): Tensor4D {
  const at = (value: number, others: readonly number[]) => others.map((other, i) => (i === axis ? value : other));
  return tf.slice(x, at(begin, [0, 0, 0, 0]) as Shape, at(count, x.shape) as Shape);
}

/** Every `step`-th slice, the first one included. */
function everyNth(x: Tensor4D, axis: Axis, step: number): Tensor4D {
  if (step === 1) return x;
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const count = Math.ceil(x.shape[axis] / step);
  const missing = count * step - x.shape[axis];
  const whole = tf.pad(x, x.shape.map((_, i) => [0, i === axis ? missing : 0]) as [number, number][]);
  const grouped = tf.reshape(whole, [...before, count, step, ...after]);
  const begin = grouped.shape.map(() => 0);
  const first = tf.slice(grouped, begin, [...before, count, 1, ...after]);
  return tf.reshape(first, [...before, count, ...after] as Shape);
}

/** Each slice `times` times in a row. */
function repeatEach(x: Tensor4D, axis: Axis, times: number): Tensor4D {
  if (times === 1) return x;
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const count = x.shape[axis];
  const grouped = tf.reshape(x, [...before, count, 1, ...after]);
  const repeats = grouped.shape.map((_, i) => (i === axis + 1 ? times : 1));
  return tf.reshape(tf.tile(grouped, repeats), [...before, count * times, ...after] as Shape);
}
