import { catalogue, parseSafetensors, Parameters, type Module } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, TensorContainer } from '@tensorflow/tfjs-core';

/** A network, and a call of one of its methods. Plain data, so that it can be sent to a browser. */
export interface Call {
  readonly type: string;
  /** All of its options. */
  readonly options: object;
  readonly method: string;
  /** Tensors that the method is given. */
  readonly inputs: readonly { readonly shape: number[]; readonly values: readonly number[] }[];
  /** The weights: a safetensors file, in base64. */
  readonly weights: string;
}

/** The numbers of all tensors that the call returns, on whichever backend of TensorFlow.js is there. */
export function computed({ type, options, method, inputs, weights }: Call): number[][] {
  const network = new (catalogue.find('network', type)!.create)(options) as Module;
  const content = Uint8Array.from(atob(weights), (character) => character.charCodeAt(0));
  const parameters = new Parameters(network, parseSafetensors(content.buffer, 'weights').tensors);
  const compute = (network as unknown as Record<string, (...inputs: Tensor[]) => TensorContainer>)[method]!;
  const results = tf.tidy(() => {
    const given = inputs.map(({ shape, values }) => tf.tensor(Float32Array.from(values), shape));
    const result = parameters.use(() => compute.apply(network, given));
    return tf.tensor_util.getTensorsInContainer(result).map((tensor) => [...tensor.dataSync<'float32'>()]);
  });
  parameters.dispose();
  return results;
}
