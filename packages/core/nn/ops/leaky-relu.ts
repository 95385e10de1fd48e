import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.ts';
import './gradients.ts';

/** Name of TensorFlow's operation; an engine registers a kernel of this name. */
export const LEAKY_RELU_GRADIENT = 'LeakyReluGrad';

/**
 * x where positive, `slope` x elsewhere (Maas et al. 2013); `slope` is at most 1, its derivative at 0 is `slope`. Its gradient is one
 * operation where the engine has it (TensorFlow.js takes three), and has gradients of any order.
 */
export function leakyRelu<T extends Tensor>(x: T, slope: number): T {
  return customGradient([x], (input) => ({
    value: tf.leakyRelu(input, slope),
    saved: [input],
    gradient: (dy, [saved]) => leakyReluGradient(dy, saved!, slope),
  }));
}

/** dy where x is positive, `slope` dy elsewhere. The result of a leaky ReLU does for x. */
export function leakyReluGradient(dy: Tensor, x: Tensor, slope: number): Tensor {
  if (!tf.getKernel(LEAKY_RELU_GRADIENT, tf.getBackend())) {
    return tf.where(tf.greater(x, 0), dy, tf.mul(dy, slope));
  }
  return tf.engine().runKernel<Tensor>(LEAKY_RELU_GRADIENT, { dy, x }, { slope });
}

// It is linear in dy, and constant in x wherever it has a derivative.
tf.registerGradient({
  kernelName: LEAKY_RELU_GRADIENT,
  inputsToSave: ['x'],
  gradFunc: (ddx, [x], attributes) => ({
    dy: () => leakyReluGradient(ddx as Tensor, x!, (attributes as unknown as { slope: number }).slope),
    x: () => tf.zeros(x!.shape),
  }),
});
