import type { Loss, LossContext } from '@dualprior/blocks';
import type { NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { withFiles, withLosses } from '../component.ts';
import { nchw, scalar, type GoldenFamily } from '../golden.ts';
import { named, unitImage } from './eight-bit.ts';

interface Config {
  readonly content: number;
  readonly style: number;
  readonly patch: number;
  readonly bandwidth: number;
}

/** Losses of an experiment that look through VGG-19, of 8-bit images: with given options, with their defaults, and their gradients. */
export const vgg19Losses: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'losses of VGG-19',

  compute: (golden) =>
    withFiles(async (files) => {
      const { content, style, patch, bandwidth } = golden.manifest.config as unknown as Config;
      const weights = files.write('vgg19', named(golden.weights(), /^features\./));
      const features = { type: 'vgg19', weights };
      const specs = {
        perceptual: { type: 'perceptual', content, style },
        contextual: { type: 'contextual', patch, bandwidth },
        fusion_contextual: { type: 'fusion-contextual' },
        perceptual_default: { type: 'perceptual' },
        contextual_default: { type: 'contextual' },
      };
      const image = (name: string) => unitImage(golden, name);
      const images = [image('fused'), image('regressed'), image('inverted')] as const;
      const all = Object.values(specs).map((spec) => ({ ...spec, features }));
      return withLosses(all, (...losses) => {
        const names = Object.keys(specs);
        return new Map(losses.flatMap((loss, i) => valueAndGradient(names[i]!, loss, images)));
      });
    }),
};

type Images = readonly [fused: Tensor4D, regressed: Tensor4D, inverted: Tensor4D];

/** The target is the inverted image, but for the loss that takes both from its context. */
function valueAndGradient(name: string, loss: Loss, [fused, regressed, inverted]: Images): [string, NdArray][] {
  const context: LossContext = { regressed, inverted };
  const target = loss.needs ? tf.zerosLike(fused) : inverted;
  const compute = (image: Tensor) => loss.compute(image as Tensor4D, target, context);
  const { value, grad } = tf.valueAndGrad(compute)(fused);
  return [
    [name, scalar(value as Scalar)],
    [`grad.${name}`, nchw(grad)],
  ];
}
