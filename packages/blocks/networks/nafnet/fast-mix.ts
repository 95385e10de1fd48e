import {
  columnSums,
  depthwiseConv2d,
  depthwiseGradients,
  gate,
  gateGradient,
  handWritten,
  linear,
} from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { expand, expandGradient, pixelsOf, project, projectGradient } from './pixel-convolution.ts';

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
    const { normalized, inverse, output } = expand(pixels, inputs);
    const expanded = imageOf(output, inputs.x);
    const convolved = depthwiseConv2d(expanded, inputs.depthwiseWeight, SAME);
    const filtered = pixelsOf(tf.add(convolved, inputs.depthwiseBias));
    const gated = byImage(gate(filtered), inputs.x);
    const means: Tensor2D = tf.mean(gated, 1);
    const attention = linear(means, attentionMatrix(inputs), inputs.attentionBias);
    const attended: Tensor2D = flat(tf.mul<Tensor3D>(gated, perImage(attention)));
    const added = tf.add(pixels, project(attended, projection(inputs)));
    return {
      output: tf.reshape(added, inputs.x.shape) as Tensor4D,
      kept: { normalized, inverse, expanded, filtered, gated, means, attention, attended },
    };
  },

  backward(dy, inputs, { expanded, filtered, gated, means, attention, attended, ...norm }) {
    const pixels = pixelsOf(dy);
    const ofProjection = projectGradient(pixels, projection(inputs), attended);
    const ofAttended = byImage(ofProjection.x, dy);

    const ofAttention: Tensor2D = tf.sum(tf.mul(ofAttended, gated), 1);
    const ofMeans = tf.matMul(ofAttention, attentionMatrix(inputs), false, true);
    const ofGated = tf.add(tf.mul(ofAttended, perImage(attention)), perImage(tf.div(ofMeans, gated.shape[1])));

    const ofFiltered = gateGradient(flat(ofGated as Tensor3D), filtered);
    const depthwise = depthwiseGradients(expanded, inputs.depthwiseWeight, imageOf(ofFiltered, dy));
    const { x, ...ofExpansion } = expandGradient(pixelsOf(depthwise.x), inputs, norm, pixels);
    return {
      x: tf.reshape(x, inputs.x.shape),
      ...ofExpansion,
      depthwiseWeight: depthwise.weight,
      depthwiseBias: columnSums(ofFiltered),
      attentionWeight: tf.reshape(tf.matMul(means, ofAttention, true, false), inputs.attentionWeight.shape),
      attentionBias: tf.sum(ofAttention, 0),
      projectWeight: ofProjection.weight,
      projectBias: ofProjection.bias,
      beta: ofProjection.scale,
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

function flat(pixels: Tensor3D): Tensor2D {
  return tf.reshape(pixels, [-1, pixels.shape[2]]);
}

/** (N, C) as (N, 1, C), to be spread over the pixels. */
function perImage(vectors: Tensor2D): Tensor3D {
  return tf.expandDims(vectors, 1);
}
