import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { Stream } from '../random/stream.ts';

type Computation = (...inputs: Tensor[]) => Tensor;

export interface GradientCheck {
  /** Step of the differences. Default 0.02. */
  readonly step?: number;
}

/**
 * Largest difference between the gradient that TensorFlow.js computes and central differences of fourth order, over all
 * elements of all inputs, relative to the largest gradient. The scalar is sum(f(inputs) * R) with a fixed random R, summed in
 * float64, so that rounding stays near 1e-4 for inputs and outputs around 1.
 */
export function gradientError(
  compute: Computation,
  inputs: readonly Tensor[],
  { step = 0.02 }: GradientCheck = {},
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
      const numeric = differences(input.dataSync<'float32'>(), step, along);
      numeric.forEach((value, k) => {
        largest = Math.max(largest, Math.abs(value));
        const difference = Math.abs(value - analytic[i]![k]!);
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

/** f' = (8 (f(x+h) - f(x-h)) - (f(x+2h) - f(x-2h))) / 12h for each element. */
function differences(values: Float32Array, step: number, evaluate: (values: Float32Array) => number): number[] {
  return Array.from(values, (value, k) => {
    const moved = Float32Array.from(values);
    const at = (offset: number) => {
      moved[k] = value + offset;
      return evaluate(Float32Array.from(moved));
    };
    return (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
  });
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
