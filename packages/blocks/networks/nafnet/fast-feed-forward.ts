import { handWritten } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import {
  expansion,
  gateGradient,
  halves,
  normConvolution,
  normConvolutionGradient,
  pixelsOf,
  scaledConvolution,
  scaledConvolutionGradient,
} from './pixel-convolution.ts';

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
    const { normalized, inverse, output } = normConvolution(pixels, expansion(inputs));
    const [first, second] = halves(output);
    const gated = tf.mul(first, second) as typeof first;
    const added = tf.add(pixels, scaledConvolution(gated, projection(inputs)));
    return {
      output: tf.reshape(added, inputs.x.shape) as Tensor4D,
      kept: { normalized, inverse, first, second, gated },
    };
  },

  backward(dy, inputs, { gated, first, second, ...norm }) {
    const pixels = pixelsOf(dy);
    const project = scaledConvolutionGradient(pixels, projection(inputs), gated);
    const expand = normConvolutionGradient(gateGradient(project.x, first, second), expansion(inputs), norm);
    return {
      x: tf.reshape(tf.add(pixels, expand.x), inputs.x.shape),
      normWeight: expand.scale,
      normBias: expand.shift,
      expandWeight: expand.weight,
      expandBias: expand.bias,
      projectWeight: project.weight,
      projectBias: project.bias,
      gamma: project.scale,
    };
  },
});
