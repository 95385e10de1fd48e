import { contextualLoss, cosineDistances, vgg } from '@dualprior/blocks';
import { UserError, type NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { nchw, scalar, type Golden, type GoldenFamily } from '../golden.ts';
import { withOwnWeights } from './own-weights.ts';

type Compare = (x: Tensor4D, y: Tensor4D, bandwidth: number) => Scalar;

/** The case `contextual`: losses between feature maps `CASE.x` and `CASE.y`, gradients, a corner of the distances. */
export const contextual: GoldenFamily = {
  knows: ({ manifest }) => String(manifest.config.arch).startsWith('contextual_loss'),

  compute: (golden) =>
    new Map(
      golden.outputs.map((output): [string, NdArray] => {
        const [, name, what] = /^(\w+)\.(.+)$/.exec(output) ?? [];
        const [x, y] = [golden.image(`${name}.x`), golden.image(`${name}.y`)];
        if (what === 'dist') return [output, distances(golden, output, x, y)];
        return [output, lossOrGradient(output, what ?? '', x, y, contextualLoss)];
      }),
    ),
};

/** The case `contextual_vgg`: losses between images by a layer of VGG-19, named by it; those of `relu2_2` are of smaller images. */
export const contextualVgg: GoldenFamily = {
  knows: ({ manifest }) => String(manifest.config.arch) === 'ContextualLoss(use_vgg) VGG19',

  compute(golden) {
    const trunk = vgg('vgg19');
    return withOwnWeights(golden, [trunk], () => {
      return new Map(
        golden.outputs.map((output): [string, NdArray] => {
          const [, before, layer, after] = /^(loss|grad\.x)\.(relu\d_\d)(_bw.+)$/.exec(output) ?? [];
          if (layer === undefined) throw unknown(output);
          const suffix = layer === 'relu2_2' && golden.has('x_s') ? '_s' : '';
          const compare: Compare = (x, y, bandwidth) => {
            const [first, second] = [x, y].map((image) => trunk.taps(image, [layer])[0]!);
            return contextualLoss(first!, second!, bandwidth);
          };
          const [x, y] = [golden.image(`x${suffix}`), golden.image(`y${suffix}`)];
          return [output, lossOrGradient(output, `${before}${after}`, x, y, compare)];
        }),
      );
    });
  },
};

/** `loss_bwH` or `grad.x_bwH` with the bandwidth H. */
function lossOrGradient(output: string, what: string, x: Tensor4D, y: Tensor4D, compare: Compare): NdArray {
  const [, kind, bandwidth] = /^(loss|grad\.x)_bw(.+)$/.exec(what) ?? [];
  if (kind === undefined) throw unknown(output);
  if (kind === 'loss') return scalar(compare(x, y, Number(bandwidth)));
  return nchw(tf.grad((image: Tensor) => compare(image as Tensor4D, y, Number(bandwidth)))(x));
}

/** The first rows and columns of the matrix of cosine distances. */
function distances(golden: Golden, output: string, x: Tensor4D, y: Tensor4D): NdArray {
  const mean = tf.mean(y, [0, 1, 2]);
  const vectors = (features: Tensor4D): Tensor3D =>
    tf.reshape(tf.sub(features, mean), [features.shape[0], -1, features.shape[3]]);
  const all = cosineDistances(vectors(x), vectors(y));
  const corner = tf.slice(all, [0, 0, 0], golden.manifest.tensors[output]!.shape as Tensor3D['shape']);
  return { shape: corner.shape, values: corner.dataSync<'float32'>() };
}

function unknown(output: string): UserError {
  return new UserError(`There is nothing to compute the golden tensor "${output}" with.`);
}
