import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';
import { isDifferentiating } from './tape.ts';

/** A function whose derivative is one of its own value. */
interface Smooth {
  readonly kernelName: string;
  readonly input: 'x' | 'logits';
  value(x: Tensor, attributes: NamedAttrMap): Tensor;
  gradient(dy: Tensor, y: Tensor, attributes: NamedAttrMap): Tensor;
}

const SMOOTH: readonly Smooth[] = [
  { kernelName: 'Exp', input: 'x', value: tf.exp, gradient: (dy, y) => tf.mul(dy, y) },
  {
    kernelName: 'Sigmoid',
    input: 'x',
    value: tf.sigmoid,
    gradient: (dy, y) => tf.mul(dy, tf.mul(y, tf.sub(1, y))),
  },
  { kernelName: 'Tanh', input: 'x', value: tf.tanh, gradient: (dy, y) => tf.mul(dy, tf.sub(1, tf.square(y))) },
  {
    kernelName: 'Elu',
    input: 'x',
    value: tf.elu,
    gradient: (dy, y) => tf.mul(dy, tf.where(tf.greater(y, 0), tf.onesLike(y), tf.add(y, 1))),
  },
  {
    kernelName: 'Softmax',
    input: 'logits',
    value: (x, { dim }) => tf.softmax(x, dim as number),
    gradient: (dy, y, { dim }) => tf.mul(y, tf.sub(dy, tf.sum(tf.mul(dy, y), dim as number, true))),
  },
];

/**
 * Gives these functions derivatives of any order. TensorFlow.js's own takes the saved value, of which it knows no derivative: a second
 * one lacks that term, without a word. Here the value is computed again where it is differentiated. To be called after a backend is
 * loaded, which registers TensorFlow.js's own. (`tf.logSoftmax` holds a gradient of that kind that cannot be replaced: where a second
 * derivative is needed, take x - `tf.logSumExp(x, axis, true)`.)
 */
export function registerSmoothGradients(): void {
  for (const { kernelName, input, value, gradient } of SMOOTH) {
    tf.registerGradient({
      kernelName,
      inputsToSave: [input],
      outputsToSave: [true],
      gradFunc: (dy, saved, attributes) => {
        const [x, y] = saved as [Tensor, Tensor];
        return {
          [input]: () => gradient(dy as Tensor, isDifferentiating() ? value(x, attributes) : y, attributes),
        };
      },
    });
  }
}
