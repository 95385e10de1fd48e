import { depthwiseConv2d, fixed, pooledSide } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Step } from '../trunks/sequence.ts';

const GEOMETRY = { kernel: 3, stride: 2, padding: 1 };
/** A Hann window without its zeros. */
const HANN = [0.25, 0.5, 0.25];
/** Below the square of any mean that counts. */
const LEAST_SQUARE = 1e-12;

/** The pooling of DISTS: the root of the mean of squares under a Hann window, at every second pixel (DISTS:DISTS_pytorch/DISTS_pt.py, L2pooling). */
export function l2Pool(name: string): Step {
  return { name, run: pooled, side: (length) => pooledSide(length, GEOMETRY) };
}

function pooled(x: Tensor4D): Tensor4D {
  const channels = x.shape[3];
  const window = fixed(() =>
    tf.tensor4d(
      HANN.flatMap((a) => HANN.map((b) => a * b)),
      [3, 3, 1, 1],
    ),
  );
  const filter = tf.tile(window, [1, 1, channels, 1]);
  return tf.sqrt(tf.add<Tensor4D>(depthwiseConv2d(tf.square(x), filter, GEOMETRY), LEAST_SQUARE));
}
