import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** A pool of square windows, as in PyTorch. */
export interface MaxPoolGeometry {
  readonly kernel: number;
  readonly stride: number;
  /** On each side; never the maximum. Default 0. */
  readonly padding?: number;
  /** Whether a last window may reach over the border (PyTorch's `ceil_mode`). Default false. */
  readonly ceil?: boolean;
}

const LOWEST = -3.4028234663852886e38;

/** `torch.nn.functional.max_pool2d` on NHWC. Of equal numbers in a window the first one has the gradient. */
export function maxPool2d(x: Tensor4D, geometry: MaxPoolGeometry): Tensor4D {
  const { kernel, stride, padding = 0 } = geometry;
  const [, height, width] = x.shape;
  const pads = [height, width].map((length): [number, number] => [padding, padding + overhang(length, geometry)]);
  const isPadded = pads.flat().some((count) => count > 0);
  const input = isPadded ? tf.pad(x, [[0, 0], pads[0]!, pads[1]!, [0, 0]], LOWEST) : x;
  return tf.maxPool(input, kernel, stride, 'valid');
}

/** Side of the result for a side of the input; below 1 where not one window fits. */
export function pooledSide(length: number, geometry: MaxPoolGeometry): number {
  const { kernel, stride, padding = 0 } = geometry;
  return Math.floor((length + 2 * padding + overhang(length, geometry) - kernel) / stride) + 1;
}

/** How far the last window reaches over the padded border: only with `ceil`, and if it begins before it. */
function overhang(length: number, { kernel, stride, padding = 0, ceil = false }: MaxPoolGeometry): number {
  const room = length + 2 * padding - kernel;
  const rest = ((room % stride) + stride) % stride;
  if (!ceil || rest === 0 || room < 0) return 0;
  const begin = (Math.floor(room / stride) + 1) * stride;
  return begin < length + padding ? stride - rest : 0;
}
