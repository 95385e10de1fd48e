import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Stream } from '../random/stream.ts';

/** Fills a new parameter: values in C order of the PyTorch shape. */
export type Initializer = (shape: readonly number[], stream: Stream) => Float32Array;

const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

/** Every element the same. */
export function constant(value: number): Initializer {
  return (shape) => new Float32Array(size(shape)).fill(value);
}

/** Uniform in [-bound, bound). PyTorch's default for convolutions and linear layers has bound 1 / sqrt(fanIn). */
export function uniform(bound: number): Initializer {
  return (shape, stream) => Float32Array.from({ length: size(shape) }, () => stream.uniform(-bound, bound));
}

/** Normal with mean zero. */
export function normal(deviation: number): Initializer {
  return (shape, stream) => Float32Array.from({ length: size(shape) }, () => stream.normal(0, deviation));
}

/**
 * Inputs that one output sees, as PyTorch counts them for weights of any layer: all axes but the first.
 * (For a transposed convolution that is PyTorch's own oddity: its first axis is the input.)
 */
export function fanIn(shape: readonly number[]): number {
  return size(shape.slice(1));
}

/** PyTorch's default of convolutions and linear layers: He et al. 2015, uniform, with the gain of `a = sqrt(5)`. */
export function kaimingUniform(): Initializer {
  return (shape, stream) => uniform(1 / Math.sqrt(fanIn(shape)))(shape, stream);
}

/**
 * Gain times a random (semi-)orthogonal matrix of shape (first axis, product of the others), Saxe et al. 2013:
 * orthonormal rows, or columns where there are more rows than columns (`torch.nn.init.orthogonal_`).
 */
export function orthogonal(gain = 1): Initializer {
  return (shape, stream) => {
    const [rows, columns] = [shape[0]!, fanIn(shape)];
    const matrix = tf.tidy(() => {
      const basis = orthonormal(Math.min(rows, columns), Math.max(rows, columns), stream);
      return tf.mul(rows < columns ? basis : tf.transpose(basis), gain);
    });
    const values = matrix.dataSync<'float32'>();
    matrix.dispose();
    return values;
  };
}

const BLOCK = 64;

/** Random orthonormal rows: Gram-Schmidt on normal ones, block by block, each made orthogonal twice, which is enough. */
function orthonormal(count: number, length: number, stream: Stream): Tensor2D {
  const blocks: Tensor2D[] = [];
  for (let start = 0; start < count; start += BLOCK) {
    const shape: [number, number] = [Math.min(BLOCK, count - start), length];
    const next = () => {
      const random = tf.tensor2d(normal(1)(shape, stream), shape);
      const once = orthonormalRows(without(random, blocks));
      return orthonormalRows(without(once, blocks));
    };
    blocks.push(tf.tidy(next));
  }
  return tf.concat(blocks, 0);
}

/** The rows without what they have in common with those of the blocks, which are orthonormal: V - V Q'Q for each Q. */
function without(rows: Tensor2D, blocks: readonly Tensor2D[]): Tensor2D {
  return blocks.reduce((v, q) => tf.tidy(() => tf.sub(v, tf.matMul(tf.matMul<Tensor2D>(v, q, false, true), q))), rows);
}

/** Gram-Schmidt on the rows of one block, in float64. */
function orthonormalRows(block: Tensor2D): Tensor2D {
  const [count, length] = block.shape;
  const values = Float64Array.from(block.dataSync());
  const rows = Array.from({ length: count }, (_, r) => values.subarray(r * length, (r + 1) * length));
  rows.forEach((row, r) => {
    for (const other of rows.slice(0, r)) {
      const projection = dot(row, other);
      for (let i = 0; i < length; i++) row[i]! -= projection * other[i]!;
    }
    const norm = Math.sqrt(dot(row, row));
    for (let i = 0; i < length; i++) row[i]! /= norm;
  });
  return tf.tensor2d(Float32Array.from(values), [count, length]);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** `torch.nn.init.calculate_gain('leaky_relu', slope)`. */
export function leakyReluGain(slope: number): number {
  return Math.sqrt(2 / (1 + slope ** 2));
}
