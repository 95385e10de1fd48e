import {
  attend,
  attendedGateGradient,
  attentionGradient,
  biasedDepthwise,
  biasedDepthwiseGradient,
  gate,
  handWritten,
  imageMean,
  linear,
  seesPart,
} from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
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

const projection = ({ projectWeight, projectBias, beta }: Inputs) => {
  return { weight: projectWeight, bias: projectBias, scale: beta };
};

const depthwise = (x: Tensor4D, { expandBias, depthwiseWeight }: Inputs) => {
  return { x, bias: expandBias, weight: depthwiseWeight };
};

/**
 * First half of NAFNet's block: x + beta project(z sca(mean(z))) with z = gate(depthwise(expand(norm(x)))), in few passes over
 * memory. First order only.
 */
export const fastMix = handWritten('nafnet: mix', {
  forward(inputs: Inputs) {
    const pixels = pixelsOf(inputs.x);
    const { output, ...norm } = expand(pixels, inputs);
    const expanded = imageOf(output, inputs.x);
    const filtered = pixelsOf(biasedDepthwise(depthwise(expanded, inputs)));
    const gated = gate(filtered, inputs.depthwiseBias);
    const means = meansOf(gated, inputs.x);
    const attention = linear(means, attentionMatrix(inputs), inputs.attentionBias);
    const attended = attend(gated, attention);
    return {
      output: tf.reshape(project(attended, projection(inputs), pixels), inputs.x.shape) as Tensor4D,
      kept: { ...norm, expanded, filtered, gated, means, attention, attended },
    };
  },

  backward(dy, inputs, { expanded, filtered, gated, means, attention, attended, ...norm }) {
    const pixels = pixelsOf(dy);
    const ofProjection = projectGradient(pixels, projection(inputs), attended);

    const ofAttention = attentionGradient(ofProjection.x, gated, dy.shape[0]);
    const ofMeans: Tensor2D = tf.matMul(ofAttention, attentionMatrix(inputs), false, true);
    const offset: Tensor2D = tf.div(ofMeans, dy.shape[1] * dy.shape[2]);

    const ofFiltered = attendedGateGradient(ofProjection.x, { attention, offset }, filtered, inputs.depthwiseBias);
    const ofDepthwise = biasedDepthwiseGradient(imageOf(ofFiltered.x, dy), depthwise(expanded, inputs));
    const { x, ...ofExpansion } = expandGradient(
      pixelsOf(ofDepthwise.x),
      inputs,
      { ...norm, x: pixelsOf(inputs.x) },
      pixels,
    );
    return {
      x: tf.reshape(x, inputs.x.shape),
      ...ofExpansion,
      expandBias: ofDepthwise.bias,
      depthwiseWeight: ofDepthwise.weight,
      depthwiseBias: ofFiltered.bias,
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

/** Means of each image: (N H W, C) to (N, C). */
function meansOf(pixels: Tensor2D, image: Tensor4D): Tensor2D {
  const [batch, height, width] = image.shape;
  if (seesPart()) return tf.reshape(imageMean(imageOf(pixels, image)), [batch, pixels.shape[1]]);
  return tf.mean(tf.reshape(pixels, [batch, height * width, pixels.shape[1]]), 1);
}
