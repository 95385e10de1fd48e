import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { Stream } from '../random/stream.ts';

type Computation = (...inputs: Tensor[]) => Tensor;

/** Random directions of each input. A wrong element of the gradient shows in all but those that happen to be at right angles to it. */
const DIRECTIONS = 3;

export interface GradientCheck {
  /** Step of the differences, for an input of one element. Default 0.02. */
  readonly step?: number;
}

/**
 * Largest difference between the gradient that TensorFlow.js computes and central differences of fourth order, along random directions
 * (normal, three of each input), relative to the largest element of the gradient. The scalar is sum(f(inputs) * R) with a fixed random R,
 * summed in float64, so that rounding stays near 1e-4 for inputs and outputs around 1.
 */
export function gradientError(
  compute: Computation,
  inputs: readonly Tensor[],
  { step = 0.02 }: GradientCheck = {},
): number {
  return tf.tidy(() => {
    const cotangent = randomLike(compute(...inputs));
    const gradients = tf
      .grads((...xs: Tensor[]) => tf.sum(tf.mul(compute(...xs), cotangent)))([...inputs])
      .map((gradient) => gradient.dataSync<'float32'>());
    const weights = cotangent.dataSync();
    const evaluate = (xs: Tensor[]) => tf.tidy(() => dot(compute(...xs).dataSync(), weights));
    let error = 0;
    inputs.forEach((input, i) => {
      // A direction is as long as the square root of its elements, which moves many of them: shorter steps differ as much.
      const length = step / input.size ** 0.25;
      for (let k = 0; k < DIRECTIONS; k++) {
        const direction = randomTensor(input.shape, `direction-${k}`);
        const numeric = slope(length, (offset) =>
          evaluate(inputs.map((x, j) => (j === i ? tf.add(x, tf.mul(direction, offset)) : x))),
        );
        const difference = Math.abs(numeric - dot(gradients[i]!, direction.dataSync()));
        if (!(difference <= error)) error = difference;
      }
    });
    const largest = gradients.reduce((most, gradient) => gradient.reduce((a, b) => Math.max(a, Math.abs(b)), most), 0);
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

/** f' = (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h. */
function slope(h: number, f: (offset: number) => number): number {
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
