import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Attended } from './attention.ts';
import { columnSums } from './column-sums.ts';
import { overImages } from './over-images.ts';
import { hasOwnOperation } from './own-operation.ts';

/** Names of the engine's operations, where it has them. */
export const GATE = 'DualpriorGate';
export const GATE_GRADIENT = 'DualpriorGateGradient';
export const ATTENDED_GATE_GRADIENT = 'DualpriorAttendedGateGradient';

const NONE: [number, number] = [0, 0];

/**
 * NAFNet's simple gate of pixels x + bias, (n, 2 c) to (n, c): the first half of the channels times the second. Without a gradient of
 * its own.
 */
export function gate(x: Tensor2D, bias: Tensor1D): Tensor2D {
  if (hasOwnOperation(GATE)) return tf.engine().runKernel<Tensor2D>(GATE, { x, bias });
  const [first, second] = halves(tf.add(x, bias));
  return tf.mul(first, second);
}

interface GateGradients {
  readonly x: Tensor2D;
  readonly bias: Tensor1D;
}

/**
 * Its gradients: dy (n, c) times the other half, for both halves side by side. Elsewhere than in the engine's operation each half is padded
 * and both are added: concatenating the last axis is slow on a GPU, and adding zeros is exact.
 */
export function gateGradient(dy: Tensor2D, x: Tensor2D, bias: Tensor1D): GateGradients {
  if (hasOwnOperation(GATE_GRADIENT)) return gradients(GATE_GRADIENT, { dy, x, bias });
  const [first, second] = halves(tf.add(x, bias));
  const half = dy.shape[1];
  const left = tf.pad2d(tf.mul<Tensor2D>(dy, second), [NONE, [0, half]]);
  const dx = tf.add<Tensor2D>(left, tf.pad2d(tf.mul<Tensor2D>(dy, first), [NONE, [half, 0]]));
  return { x: dx, bias: columnSums(dx) };
}

/** The same for a gate whose result is attended to: with dy attention + offset for dy, where both are (images, c). */
export function attendedGateGradient(
  dy: Tensor2D,
  { attention, offset }: Attended & { readonly offset: Tensor2D },
  x: Tensor2D,
  bias: Tensor1D,
): GateGradients {
  if (hasOwnOperation(ATTENDED_GATE_GRADIENT)) {
    return gradients(ATTENDED_GATE_GRADIENT, { dy, attention, offset, x, bias });
  }
  const ofGate = overImages(dy, attention, (image, factors) =>
    tf.add(tf.mul(image, factors), tf.expandDims(offset, 1)),
  );
  return gateGradient(ofGate, x, bias);
}

function gradients(kernel: string, inputs: tf.NamedTensorMap): GateGradients {
  const [x, bias] = tf.engine().runKernel<[Tensor2D, Tensor1D]>(kernel, inputs);
  return { x, bias };
}

function halves(x: Tensor2D): [Tensor2D, Tensor2D] {
  const [pixels, channels] = x.shape;
  const half = channels / 2;
  return [tf.slice(x, [0, 0], [pixels, half]), tf.slice(x, [0, half], [pixels, half])];
}
