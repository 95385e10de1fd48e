import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { Stream } from '../random/stream.ts';

type Computation = (...inputs: Tensor[]) => Tensor;

export interface GradientCheck {
  /** Step of the differences. Default 0.02. */
  readonly step?: number;
  /** Check one element in this many. Default 1: all. */
  readonly every?: number;
}

/**
 * Largest difference between the gradient that TensorFlow.js computes and central differences of fourth order, over all
 * elements of all inputs, relative to the largest gradient. The scalar is sum(f(inputs) * R) with a fixed random R, summed in
 * float64, so that rounding stays near 1e-4 for inputs and outputs around 1.
 */
export function gradientError(
  compute: Computation,
  inputs: readonly Tensor[],
  { step = 0.02, every = 1 }: GradientCheck = {},
): number {
  return tf.tidy(() => {
    const cotangent = randomLike(compute(...inputs));
    const analytic = tf
      .grads((...xs: Tensor[]) => tf.sum(tf.mul(compute(...xs), cotangent)))([...inputs])
      .map((gradient) => gradient.dataSync());
    const weights = cotangent.dataSync();
    const evaluate = (xs: Tensor[]) => tf.tidy(() => dot(compute(...xs).dataSync(), weights));
    let largest = 0;
    let error = 0;
    inputs.forEach((input, i) => {
      const along = (values: Float32Array) =>
        evaluate(inputs.map((x, j) => (j === i ? tf.tensor(values, x.shape) : x)));
      const numeric = differences(input.dataSync<'float32'>(), step, every, along);
      numeric.forEach(({ index, value }) => {
        largest = Math.max(largest, Math.abs(value));
        const difference = Math.abs(value - analytic[i]![index]!);
        if (!(difference <= error)) error = difference;
      });
    });
    return error / Math.max(largest, 1e-3);
  });
}

/** The same for the second derivative: that of the gradient of sum(f(inputs) * R). */
export function secondOrderError(compute: Computation, inputs: readonly Tensor[], check: GradientCheck = {}): number {
  return tf.tidy(() => {
    const cotangent = randomLike(compute(...inputs));
    const gradient = (...xs: Tensor[]) => {
      const grads = tf.grads((...ys: Tensor[]) => tf.sum(tf.mul(compute(...ys), cotangent)))(xs);
      return tf.concat(grads.map((grad) => tf.reshape(grad, [-1])));
    };
    return gradientError(gradient, inputs, check);
  });
}

/** A fixed random tensor, normal. */
export function randomTensor(shape: readonly number[], seed: number | string = 0): Tensor {
  const stream = new Stream(`test-${seed}`);
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => stream.normal()),
    [...shape],
  );
}

function randomLike({ shape }: Tensor): Tensor {
  return randomTensor(shape, 'cotangent');
}

/** f' = (8 (f(x+h) - f(x-h)) - (f(x+2h) - f(x-2h))) / 12h for one element in `every`. */
function differences(
  values: Float32Array,
  step: number,
  every: number,
  evaluate: (values: Float32Array) => number,
): { index: number; value: number }[] {
  return Array.from({ length: Math.ceil(values.length / every) }, (_, i) => {
    const index = i * every;
    const at = (offset: number) => {
      const moved = Float32Array.from(values);
      moved[index] = values[index]! + offset;
      return evaluate(moved);
    };
    return { index, value: (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step) };
  });
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
