import { gate, gateGradient, handWritten } from '@dualprior/core/nn';
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
    const { output: expanded, ...norm } = expand(pixels, inputs);
    const gated = gate(expanded, inputs.expandBias);
    const output: Tensor4D = tf.reshape(project(gated, projection(inputs), pixels), inputs.x.shape);
    return { output, kept: { ...norm, expanded, gated } };
  },

  backward(dy, inputs, { expanded, gated, ...norm }) {
    const pixels = pixelsOf(dy);
    const ofProjection = projectGradient(pixels, projection(inputs), gated);
    const ofExpanded = gateGradient(ofProjection.x, expanded, inputs.expandBias);
    const { x, ...ofExpansion } = expandGradient(ofExpanded.x, inputs, { ...norm, x: pixelsOf(inputs.x) }, pixels);
    return {
      x: tf.reshape(x, inputs.x.shape),
      ...ofExpansion,
      expandBias: ofExpanded.bias,
      projectWeight: ofProjection.weight,
      projectBias: ofProjection.bias,
      gamma: ofProjection.scale,
    };
  },
});
