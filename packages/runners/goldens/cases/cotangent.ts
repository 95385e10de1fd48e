import { Parameters, type Module, type NdArray, type StateDict } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { nchw, scalar, type Golden } from '../golden.ts';

/** A network with the weights of a golden case, or those of them that are its own, while `use` runs. */
export function withWeights<T>(
  golden: Golden,
  module: Module,
  use: (parameters: Parameters) => T,
  weights: StateDict = golden.weights(),
): T {
  const parameters = new Parameters(module, weights);
  try {
    return use(parameters);
  } finally {
    parameters.dispose();
  }
}

/** mean(output * R), from which the goldens take their gradients (GOLDENS.md, section 2). */
export function projection(output: Tensor4D, cotangent: Tensor4D): Scalar {
  return tf.mean(tf.mul(output, cotangent));
}

/** The loss, and the gradients with respect to the image and to every parameter, by the manifest's names `PREFIX.NAME`. */
export function gradients(
  parameters: Parameters,
  image: Tensor4D,
  loss: (image: Tensor4D) => Scalar,
  names: { loss: string; gradient: string },
): Map<string, NdArray> {
  const both = tf.valueAndGrads((x: tf.Tensor, vector: tf.Tensor) =>
    parameters.use(() => loss(x as Tensor4D), vector as tf.Tensor1D),
  );
  const { value, grads } = both([image, parameters.vector]);
  const [ofImage, ofVector] = grads as [Tensor4D, tf.Tensor1D];
  const trainable = new Set(parameters.module.parameters().keys());
  const ofParameters = [...parameters.stateDict(ofVector)].filter(([name]) => trainable.has(name));
  return new Map<string, NdArray>([
    [names.loss, scalar(value as Scalar)],
    [`${names.gradient}.input`, nchw(ofImage)],
    ...ofParameters.map(([name, tensor]): [string, NdArray] => [`${names.gradient}.${name}`, tensor]),
  ]);
}
