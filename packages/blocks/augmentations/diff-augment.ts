import { Type, type Static } from '@sinclair/typebox';
import { statelessUniform } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Rank, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';

export const diffAugmentOptions = Type.Object(
  {
    color: Type.Boolean({ default: true, description: 'brightness, saturation and contrast at random' }),
    translation: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.125,
      description: 'greatest shift, as a fraction of the image side; 0: none',
    }),
    cutout: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.5,
      description: 'side of a grey square at a random place, as a fraction of the image side; 0: none',
    }),
  },
  {
    additionalProperties: false,
    description: 'augmentation of real and generated images before the discriminator (DiffAugment, Zhao et al. 2020)',
  },
);

export type DiffAugmentOptions = Static<typeof diffAugmentOptions>;

/**
 * Images (NHWC, [-1, 1]) augmented alike whether real or generated, each in its own way that follows from `seed` (int32, shape (2)):
 * differentiable, so that the generator learns through it, and linear in the images but for constants, so of any order. The same
 * seed gives the same augmentation. DiffAugment (Zhao et al. 2020), policy color,translation,cutout of its official code.
 */
export function diffAugment(images: Tensor4D, seed: Tensor1D, options: DiffAugmentOptions): Tensor4D {
  const draw = drawing(images.shape[0], seed);
  const { color, translation, cutout } = options;
  const coloured = color ? contrast(saturation(brightness(images, draw), draw), draw) : images;
  return cut(shifted(coloured, translation, draw), cutout, draw);
}

/** One number in [0, 1) for each image, (N, 1, 1, 1); others at each call. */
type Draw = () => Tensor4D;

const MOST_DRAWS = 8;

function drawing(count: number, seed: Tensor1D): Draw {
  const columns = tf.split(statelessUniform<Tensor2D>([MOST_DRAWS, count], seed), MOST_DRAWS) as Tensor[];
  return () => tf.reshape(columns.pop()!, [count, 1, 1, 1]);
}

/** Plus a number in [-0.5, 0.5). */
function brightness(x: Tensor4D, draw: Draw): Tensor4D {
  return tf.add(x, tf.sub(draw(), 0.5));
}

/** The distance from each pixel's grey times a number in [0, 2). */
function saturation(x: Tensor4D, draw: Draw): Tensor4D {
  return scaledAround(tf.mean<Tensor4D>(x, 3, true), x, tf.mul(draw(), 2));
}

/** The distance from the image's mean times a number in [0.5, 1.5). */
function contrast(x: Tensor4D, draw: Draw): Tensor4D {
  return scaledAround(tf.mean<Tensor4D>(x, [1, 2, 3], true), x, tf.add(draw(), 0.5));
}

function scaledAround(centre: Tensor4D, x: Tensor4D, factor: Tensor4D): Tensor4D {
  return tf.add(tf.mul(tf.sub(x, centre), factor), centre);
}

/** Moved by whole pixels, up to `ratio` of the sides; grey moves in. */
function shifted(x: Tensor4D, ratio: number, draw: Draw): Tensor4D {
  const [, height, width] = x.shape;
  const [most, mostAcross] = [pixels(height, ratio), pixels(width, ratio)];
  if (most === 0 && mostAcross === 0) return x;
  const shift = (greatest: number): Tensor4D => tf.sub(integer(draw(), 2 * greatest + 1), greatest);
  const down = shiftedRows(x, shift(most));
  return transposed(shiftedRows(transposed(down), shift(mostAcross)));
}

function transposed(x: Tensor4D): Tensor4D {
  return tf.transpose(x, [0, 2, 1, 3]);
}

/** Each image's rows moved by `shift` (N, 1, 1, 1), as a product with a matrix, which has derivatives of any order. */
function shiftedRows(x: Tensor4D, shift: Tensor4D): Tensor4D {
  const [count, height, width, channels] = x.shape;
  const [to, from] = [range(height, [height, 1]), range(height, [1, height])];
  const matrix = tf.cast(tf.equal(tf.sub(to, from), tf.reshape(shift, [count, 1, 1])), 'float32') as Tensor3D;
  const rows: Tensor3D = tf.reshape(x, [count, height, width * channels]);
  return tf.reshape<Rank.R4>(tf.matMul(matrix, rows), x.shape);
}

/** A square of 0 around a random pixel. */
function cut(x: Tensor4D, ratio: number, draw: Draw): Tensor4D {
  const [, height, width] = x.shape;
  const [sideDown, sideAcross] = [pixels(height, ratio), pixels(width, ratio)];
  if (sideDown === 0 || sideAcross === 0) return x;
  const down = within(range(height, [1, height, 1, 1]), sideDown, integer(draw(), height + 1 - (sideDown % 2)));
  const across = within(range(width, [1, 1, width, 1]), sideAcross, integer(draw(), width + 1 - (sideAcross % 2)));
  return tf.mul(x, tf.sub(1, tf.mul(down, across)));
}

/** 1 where a coordinate lies in the interval of this length around `middle`, 0 elsewhere. */
function within(coordinate: Tensor, length: number, middle: Tensor4D): Tensor4D {
  const offset = tf.sub(coordinate, tf.sub(middle, Math.floor(length / 2)));
  const inside = tf.logicalAnd(tf.greaterEqual(offset, 0), tf.less(offset, length));
  return tf.cast(inside, 'float32') as Tensor4D;
}

function pixels(side: number, ratio: number): number {
  return Math.floor(side * ratio + 0.5);
}

/** An integer in [0, count) from a number in [0, 1). */
function integer(unit: Tensor4D, count: number): Tensor4D {
  return tf.floor(tf.mul(unit, count) as Tensor4D);
}

function range(length: number, shape: number[]): Tensor {
  return tf.reshape(tf.range(0, length), shape);
}
