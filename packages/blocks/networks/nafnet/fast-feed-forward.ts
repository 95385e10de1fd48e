import { gate, gateGradient, handWritten } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { expand, expandGradient, pixelsOf, project, projectGradient } from './pixel-convolution.ts';

type Inputs = {
  readonly x: Tensor4D;
  readonly normWeight: Tensor1D;
  readonly normBias: Tensor1D;
  readonly expandWeight: Tensor4D;
  readonly expandBias: Tensor1D;
  readonly projectWeight: Tensor4D;
  readonly projectBias: Tensor1D;
  readonly gamma: Tensor1D;
};

const projection = ({ projectWeight, projectBias, gamma }: Inputs) => {
  return { weight: projectWeight, bias: projectBias, scale: gamma };
};

/** Second half of NAFNet's block: x + gamma project(gate(expand(norm(x)))), in few passes over memory. First order only. */
export const fastFeedForward = handWritten('nafnet: feed-forward', {
  forward(inputs: Inputs) {
    const pixels = pixelsOf(inputs.x);
    const { normalized, inverse, output: expanded } = expand(pixels, inputs);
    const gated = gate(expanded);
    const added = tf.add(pixels, project(gated, projection(inputs)));
    return { output: tf.reshape(added, inputs.x.shape) as Tensor4D, kept: { normalized, inverse, expanded, gated } };
  },

  backward(dy, inputs, { gated, expanded, ...norm }) {
    const pixels = pixelsOf(dy);
    const ofProjection = projectGradient(pixels, projection(inputs), gated);
    const { x, ...ofExpansion } = expandGradient(gateGradient(ofProjection.x, expanded), inputs, norm, pixels);
    return {
      x: tf.reshape(x, inputs.x.shape),
      ...ofExpansion,
      projectWeight: ofProjection.weight,
      projectBias: ofProjection.bias,
      gamma: ofProjection.scale,
    };
  },
});
