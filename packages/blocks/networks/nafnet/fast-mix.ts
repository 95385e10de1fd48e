import { depthwiseConv2d, depthwiseGradients, handWritten, linear } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
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
  readonly depthwiseWeight: Tensor4D;
  readonly depthwiseBias: Tensor1D;
  readonly attentionWeight: Tensor4D;
  readonly attentionBias: Tensor1D;
  readonly projectWeight: Tensor4D;
  readonly projectBias: Tensor1D;
  readonly beta: Tensor1D;
};

const SAME = { stride: 1, padding: 1 };

const projection = ({ projectWeight, projectBias, beta }: Inputs) => {
  return { weight: projectWeight, bias: projectBias, scale: beta };
};

/**
 * First half of NAFNet's block: x + beta project(z sca(mean(z))) with z = gate(depthwise(expand(norm(x)))), in few passes over
 * memory. First order only.
 */
export const fastMix = handWritten('nafnet: mix', {
  forward(inputs: Inputs) {
    const pixels = pixelsOf(inputs.x);
    const { normalized, inverse, output } = normConvolution(pixels, expansion(inputs));
    const expanded = imageOf(output, inputs.x);
    const filtered = tf.add(depthwiseConv2d(expanded, inputs.depthwiseWeight, SAME), inputs.depthwiseBias) as Tensor4D;
    const [first, second] = halves(pixelsOf(filtered));
    const gated = byImage(tf.mul(first, second), inputs.x);
    const means: Tensor2D = tf.mean(gated, 1);
    const attention = linear(means, attentionMatrix(inputs), inputs.attentionBias);
    const attended: Tensor2D = tf.reshape(tf.mul(gated, perImage(attention)), first.shape);
    const added = tf.add(pixels, scaledConvolution(attended, projection(inputs)));
    return {
      output: tf.reshape(added, inputs.x.shape) as Tensor4D,
      kept: { normalized, inverse, expanded, first, second, gated, means, attention, attended },
    };
  },

  backward(dy, inputs, { expanded, first, second, gated, means, attention, attended, ...norm }) {
    const pixels = pixelsOf(dy);
    const project = scaledConvolutionGradient(pixels, projection(inputs), attended);
    const ofAttended = byImage(project.x, dy);

    const ofAttention: Tensor2D = tf.sum(tf.mul(ofAttended, gated), 1);
    const ofMeans = tf.matMul(ofAttention, attentionMatrix(inputs), false, true);
    const ofGated = tf.add(tf.mul(ofAttended, perImage(attention)), perImage(tf.div(ofMeans, gated.shape[1])));

    const ofFiltered = gateGradient(tf.reshape(ofGated, first.shape), first, second);
    const depthwise = depthwiseGradients(expanded, inputs.depthwiseWeight, imageOf(ofFiltered, dy));
    const expand = normConvolutionGradient(pixelsOf(depthwise.x), expansion(inputs), norm);
    return {
      x: tf.reshape(tf.add(pixels, expand.x), inputs.x.shape),
      normWeight: expand.scale,
      normBias: expand.shift,
      expandWeight: expand.weight,
      expandBias: expand.bias,
      depthwiseWeight: depthwise.weight,
      depthwiseBias: tf.sum(ofFiltered, 0),
      attentionWeight: tf.reshape(tf.matMul(means, ofAttention, true, false), inputs.attentionWeight.shape),
      attentionBias: tf.sum(ofAttention, 0),
      projectWeight: project.weight,
      projectBias: project.bias,
      beta: project.scale,
    };
  },
});

function attentionMatrix({ attentionWeight }: Inputs): Tensor2D {
  return tf.reshape(attentionWeight, [attentionWeight.shape[2], attentionWeight.shape[3]]);
}

function imageOf(pixels: Tensor2D, { shape: [batch, height, width] }: Tensor4D): Tensor4D {
  return tf.reshape(pixels, [batch, height, width, pixels.shape[1]]);
}

/** (N H W, C) as (N, H W, C). */
function byImage(pixels: Tensor2D, { shape: [batch, height, width] }: Tensor4D): Tensor3D {
  return tf.reshape(pixels, [batch, height * width, pixels.shape[1]]);
}

/** (N, C) as (N, 1, C), to be spread over the pixels. */
function perImage(vectors: Tensor2D): Tensor3D {
  return tf.expandDims(vectors, 1);
}
