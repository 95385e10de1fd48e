import { withImageMeans } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Step } from './step.ts';

type Compute = (...inputs: Tensor[]) => readonly Tensor[];

/** Where the tile is taken of what is seen: 1 for a row or column that counts, 0 for others; up to a multiple of the stride. */
export interface Counted {
  readonly rows: Float32Array;
  readonly columns: Float32Array;
}

/** What a network makes of a part of an image. */
interface PartResult {
  readonly image: Tensor4D;
  /** For each mean that the network takes over whole images: sums over the channels of what counts, and at the end the count. */
  readonly sums: readonly Tensor1D[];
}

/**
 * A network over a part of one image. Means over the whole image are given to it, or are those of the part where none are given; what the part adds
 * to them comes back.
 */
export class PartStep {
  readonly #step: Step<Tensor[], readonly Tensor[]>;

  /**
   * @param restore NHWC in [0, 1]
   * @param step makes a step of what it computes
   */
  constructor(
    restore: (degraded: Tensor4D) => Tensor4D,
    step: (compute: Compute) => Step<Tensor[], readonly Tensor[]>,
  ) {
    this.#step = step((...inputs) => {
      const [image, rows, columns, ...means] = inputs as [Tensor4D, Tensor1D, Tensor1D, ...Tensor4D[]];
      const sums: Tensor1D[] = [];
      const mean = (features: Tensor4D) => {
        sums.push(tf.keep(sumsOf(features, image, rows, columns))); // a layer may free what is made in it
        return means[sums.length - 1] ?? tf.mean<Tensor4D>(features, [1, 2], true);
      };
      return [withImageMeans(mean, () => restore(image)), ...sums];
    });
  }

  run(image: Tensor4D, { rows, columns }: Counted, means: readonly Float32Array[]): PartResult {
    const given = means.map((values) => tf.tensor4d(values, [1, 1, 1, values.length]));
    const counted = [tf.tensor1d(rows), tf.tensor1d(columns)];
    const [restored, ...sums] = this.#step.run(image, ...counted, ...given);
    tf.dispose([...counted, ...given]);
    return { image: restored as Tensor4D, sums: sums as Tensor1D[] };
  }

  dispose(): void {
    this.#step.dispose();
  }
}

/** Sums of features (1, h, w, C) over the pixels of the image that count, which lie 2^k apart at their level, and how many these are. */
function sumsOf(features: Tensor4D, image: Tensor4D, rows: Tensor1D, columns: Tensor1D): Tensor1D {
  const [, height, width, channels] = features.shape;
  const apart = 2 ** Math.round(Math.log2(Math.max(image.shape[1] / height, image.shape[2] / width)));
  const [ofRows, ofColumns] = [every(rows, apart, height), every(columns, apart, width)];
  const overRows: Tensor2D = tf.matMul(ofRows, tf.reshape(features, [height, width * channels]));
  const sums = tf.matMul(ofColumns, tf.reshape<tf.Rank.R2>(overRows, [width, channels]));
  const count = tf.mul(tf.sum(ofRows), tf.sum(ofColumns));
  return tf.concat([tf.reshape(sums, [channels]), tf.reshape(count, [1])]) as Tensor1D;
}

/** The first `count` of the values that lie so far apart, as a row. */
function every(values: Tensor1D, apart: number, count: number): Tensor2D {
  const groups: Tensor2D = tf.reshape(values, [values.size / apart, apart]);
  return tf.reshape(tf.slice(groups, [0, 0], [count, 1]), [1, count]);
}
