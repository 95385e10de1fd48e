import * as tf from '@tensorflow/tfjs-core';

/**
 * Whether what is computed now will be differentiated. Asked inside a hand-written gradient, it tells a second derivative from
 * a first: only then intermediates must be computed again from the inputs, since TensorFlow.js knows no derivative of the saved
 * ones and would silently leave it out.
 */
export function isDifferentiating(): boolean {
  return tf.engine().state.gradientDepth > 0;
}
