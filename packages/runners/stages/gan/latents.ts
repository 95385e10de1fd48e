import { broadcast, mixStyles, type Generator } from '@dualprior/blocks';
import { statelessNormal, statelessUniform } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { numbered } from '../common/numbered.ts';

/**
 * W+ (N, L, D) of random z. With the probability `mixing` an image has two: the first latents of one, the others of the other, the
 * crossover anywhere (style mixing, Karras et al. 2019). Each image has a crossover of its own; the official code draws one for all images
 * that a GPU computes together.
 */
export function drawLatents(generator: Generator, count: number, mixing: number, seed: Tensor1D): Tensor3D {
  const { styleWidth, latents } = generator;
  const z = (n: number) => statelessNormal<Tensor2D>([n, styleWidth], numbered(seed, 0));
  if (mixing === 0) return broadcast(generator.map(z(count)), latents);
  const [first, second] = tf.split(generator.map(z(2 * count)), 2) as [Tensor2D, Tensor2D];
  const [mixes, where] = tf.split(statelessUniform<Tensor2D>([2, count], numbered(seed, 1)), 2) as [Tensor2D, Tensor2D];
  const crossover = tf.add(tf.floor(tf.mul(where, latents - 1)), 1);
  const inject = tf.where(tf.less(mixes, mixing), crossover, latents);
  return mixStyles(first, second, tf.reshape(inject, [count, 1, 1]), latents);
}
