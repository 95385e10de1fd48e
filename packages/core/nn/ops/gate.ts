import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { hasOwnOperation } from './own-operation.ts';

/** Names of the engine's operations, where it has them. */
export const GATE = 'DualpriorGate';
export const GATE_GRADIENT = 'DualpriorGateGradient';

const NONE: [number, number] = [0, 0];

/** NAFNet's simple gate of pixels (n, 2 c): the first half of the channels times the second. Without a gradient of its own. */
export function gate(x: Tensor2D): Tensor2D {
  if (hasOwnOperation(GATE)) return tf.engine().runKernel<Tensor2D>(GATE, { x });
  const [first, second] = halves(x);
  return tf.mul(first, second);
}

/**
 * Its gradient: dy (n, c) times the other half, for both halves side by side. Elsewhere than in the engine's operation each half is padded
 * and both are added: concatenating the last axis is slow on a GPU, and adding zeros is exact.
 */
export function gateGradient(dy: Tensor2D, x: Tensor2D): Tensor2D {
  if (hasOwnOperation(GATE_GRADIENT)) return tf.engine().runKernel<Tensor2D>(GATE_GRADIENT, { dy, x });
  const [first, second] = halves(x);
  const half = dy.shape[1];
  const left = tf.pad2d(tf.mul<Tensor2D>(dy, second), [NONE, [0, half]]);
  return tf.add(left, tf.pad2d(tf.mul<Tensor2D>(dy, first), [NONE, [half, 0]]));
}

function halves(x: Tensor2D): [Tensor2D, Tensor2D] {
  const [pixels, channels] = x.shape;
  const half = channels / 2;
  return [tf.slice(x, [0, 0], [pixels, half]), tf.slice(x, [0, half], [pixels, half])];
}
