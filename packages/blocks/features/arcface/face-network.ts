import { Module } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

export interface FaceNetworkShape {
  /** Side of the input, a multiple of 16. */
  readonly side: number;
  /** Channels of the first layers; each later one has twice those of the one before. */
  readonly width: number;
  /** Residual blocks of each of the four layers. */
  readonly blocks: readonly [number, number, number, number];
  /** Length of the vectors. */
  readonly embedding: number;
}

/** A network that tells people by vectors: those of two images are near if they show the same person (ArcFace, Deng et al. 2019). */
export abstract class FaceNetwork extends Module {
  /** Smallest side of an image. */
  abstract readonly minimumSide: number;
  /** What the network looks at in images (N, H, W, 3) in [0, 1]. Errors: `UserError` for images that it cannot take. */
  abstract input(image: Tensor4D): Tensor4D;
  /** Vectors (N, D) of inputs. */
  abstract embed(input: Tensor4D): Tensor2D;
  /** How far two batches of vectors are apart, in the mean. */
  abstract distance(a: Tensor2D, b: Tensor2D): Scalar;
}

/** (N, H, W, C) to (N, C H W), in PyTorch's order. */
export function flattened(x: Tensor4D): Tensor2D {
  const [batch, height, width, channels] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [batch, channels * height * width]);
}

/** Below any product of norms that counts (`torch.nn.functional.cosine_similarity`). */
const LEAST = 1e-8;

/** The cosine of the angle between each pair of vectors (N, D). */
export function similarities(a: Tensor2D, b: Tensor2D): Tensor1D {
  const product = (x: Tensor2D, y: Tensor2D) => tf.sum<Tensor1D>(tf.mul(x, y), 1);
  const norms = tf.sqrt(tf.mul(product(a, a), product(b, b)));
  return tf.div(product(a, b), tf.maximum(norms, LEAST));
}
