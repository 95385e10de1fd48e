import { gradientOf } from '@dualprior/core';
import { broadcast, mixStyles, pathLengthPenalty, StyleGan2Generator, truncate } from '@dualprior/blocks';
import type { NdArray, Parameters } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { nchw, plain, scalar, type Golden, type GoldenFamily } from '../golden.ts';
import { projection, withWeights } from './cotangent.ts';
import { stylegan2Options } from './stylegan2-options.ts';

interface Config {
  readonly truncation: number;
  readonly inject_index: number;
  readonly mean_path_length: number;
  readonly pl_decay: number;
}

/** Images of z, W and W+, mixed and truncated, gradients, and path length with its second-order gradients. */
export const stylegan2Generator: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'rosinality Generator',

  compute(golden) {
    const network = new StyleGan2Generator(stylegan2Options(golden));
    return withWeights(golden, network, (parameters) => {
      const noise = noises(golden);
      const synthesize = (w: Tensor2D | Tensor3D) => network.synthesize(w, { noise });
      return new Map<string, NdArray>([
        ...images(golden, network, parameters, synthesize),
        ...firstOrder(golden, parameters, network, synthesize),
        ...pathLength(golden, parameters, network, synthesize),
      ]);
    });
  },
};

type Synthesize = (w: Tensor2D | Tensor3D) => Tensor4D;

function images(
  golden: Golden,
  network: StyleGan2Generator,
  parameters: Parameters,
  synthesize: Synthesize,
): [string, NdArray][] {
  const { truncation, inject_index } = golden.manifest.config as unknown as Config;
  const [z, z2] = [golden.tensor<Tensor2D>('z'), golden.tensor<Tensor2D>('z2')];
  const latents = golden.tensor<Tensor3D>('latents');
  const mean = golden.tensor<Tensor2D>('truncation_latent');
  return parameters.use(() => {
    const w = network.map(z);
    return [
      ['w', plain(w)],
      ['image_z', nchw(synthesize(w))],
      ['image_z_buffers', nchw(network.synthesize(w))],
      ['image_mix', nchw(synthesize(mixStyles(w, network.map(z2), inject_index, network.latents)))],
      ['image_wplus', nchw(synthesize(latents))],
      ['image_wplus_trunc07', nchw(synthesize(truncate(latents, mean, truncation)))],
      ['image_z_trunc07', nchw(synthesize(truncate(w, mean, truncation)))],
    ];
  });
}

/** Gradients of mean(image * R), the image made of W+ or of z. */
function firstOrder(
  golden: Golden,
  parameters: Parameters,
  network: StyleGan2Generator,
  synthesize: Synthesize,
): [string, NdArray][] {
  const cotangent = golden.image('R');
  const from = (input: 'latents' | 'z', names: { loss: string; gradient: string }): [string, NdArray][] => {
    const loss = (x: Tensor, vector: Tensor) =>
      parameters.use(
        () => projection(synthesize(input === 'z' ? network.map(x as Tensor2D) : (x as Tensor3D)), cotangent),
        vector as Tensor1D,
      );
    const { value, grads } = tf.valueAndGrads(loss)([golden.tensor(input), parameters.vector]);
    return [
      [names.loss, scalar(value as Scalar)],
      [`${names.gradient}.${input}`, plain(grads[0]!)],
      ...named(parameters, names.gradient, grads[1]!),
    ];
  };
  return [...from('latents', { loss: 'loss', gradient: 'grad' }), ...from('z', { loss: 'loss_z', gradient: 'grad_z' })];
}

function pathLength(
  golden: Golden,
  parameters: Parameters,
  network: StyleGan2Generator,
  synthesize: Synthesize,
): [string, NdArray][] {
  const config = golden.manifest.config as unknown as Config;
  const [z, noise] = [golden.tensor<Tensor2D>('z'), golden.image('pl_noise')];
  const lengths = () => {
    const latents = broadcast(network.map(z), network.latents);
    return pathLengthPenalty(synthesize, latents, noise, tf.scalar(config.mean_path_length), config.pl_decay);
  };
  const { penalty, mean, lengths: ofImages } = parameters.use(lengths);
  const { gradient } = gradientOf(parameters, () => lengths().penalty);
  return [
    ['pl_penalty', scalar(penalty)],
    ['pl_mean', scalar(mean)],
    ['pl_lengths', plain(ofImages)],
    ...named(parameters, 'grad_pl', gradient),
  ];
}

function named(parameters: Parameters, prefix: string, vector: Tensor): [string, NdArray][] {
  return [...parameters.stateDict(vector as Tensor1D)].map(([name, tensor]) => [`${prefix}.${name}`, tensor]);
}

function noises(golden: Golden): Tensor4D[] {
  const names = Object.keys(golden.manifest.tensors).filter((name) => /^noise_\d+$/.test(name));
  return names.map((_, i) => golden.image(`noise_${i}`));
}
