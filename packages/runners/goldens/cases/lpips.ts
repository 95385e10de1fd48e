import { alexnet, LPIPS_LAYERS, LpipsHeads, perceptualDistances, squeezenet, vgg, type Trunk } from '@dualprior/blocks';
import { UserError, type NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { nchw, type Golden, type GoldenFamily } from '../golden.ts';
import { withOwnWeights } from './own-weights.ts';

const NETS: Record<string, { readonly type: keyof typeof LPIPS_LAYERS; readonly make: () => Trunk }> = {
  vgg: { type: 'vgg16', make: () => vgg('vgg16') },
  alex: { type: 'alexnet', make: alexnet },
  squeeze: { type: 'squeezenet', make: squeezenet },
};

/** Cases `lpips_*`: distances of `in0_X` and `in1_X` (in [-1, 1]) for any suffix X, with their gradients. */
export const lpips: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'LPIPS v0.1' && String(manifest.config.net) in NETS,

  hasKinks: ({ manifest }, tensor) => manifest.config.net === 'vgg' && /^grad_(?!.*_small$)/.test(tensor),

  compute(golden) {
    const { type, make } = NETS[String(golden.manifest.config.net)]!;
    const [trunk, layers] = [make(), LPIPS_LAYERS[type]];
    const heads = new LpipsHeads(layers.map(({ channels }) => channels));
    const names = layers.map(({ name }) => name);
    return withOwnWeights(golden, [trunk, heads], () => {
      const taps = (image: Tensor4D) => trunk.tapsAfter('normalized', scaled(image), names);
      const distances = (first: Tensor4D, second: Tensor4D) =>
        perceptualDistances(taps(first), taps(second), heads.values);
      return new Map(golden.outputs.map((name): [string, NdArray] => [name, compute(golden, name, distances)]));
    });
  },
};

const SHIFT = [-0.03, -0.088, -0.188];
const SCALE = [0.458, 0.448, 0.45];

/** LPIPS's scaling layer, of images in [-1, 1]: what `normalized` is of them in [0, 1], without a rounding in between. */
function scaled(image: Tensor4D): Tensor4D {
  return tf.div<Tensor4D>(tf.sub(image, SHIFT), SCALE);
}

/** Frees all tensors that `compute` makes. */
function tidied(compute: () => NdArray): NdArray {
  let array: NdArray | undefined;
  tf.tidy(() => {
    array = compute();
  });
  return array!;
}

/** `dist_X`, `dist_normalize_X`, `perlayer_X`, `grad_in0_X` or `grad_in1_X`. */
function compute(golden: Golden, output: string, distances: (first: Tensor4D, second: Tensor4D) => Tensor2D): NdArray {
  const [, what, suffix] = /^(dist|dist_normalize|perlayer|grad_in0|grad_in1)_([^_]+)$/.exec(output) ?? [];
  if (what === undefined) throw new UserError(`There is nothing to compute the golden tensor "${output}" with.`);
  const [first, second] = [golden.image(`in0_${suffix}`), golden.image(`in1_${suffix}`)];
  const total = (a: Tensor, b: Tensor) => tf.sum<Scalar>(distances(a as Tensor4D, b as Tensor4D));
  return tidied(() => {
    if (what === 'grad_in0') return nchw(tf.grad((x: Tensor) => total(x, second))(first));
    if (what === 'grad_in1') return nchw(tf.grad((x: Tensor) => total(first, x))(second));
    const layers = distances(first, second);
    const result = what === 'perlayer' ? layers : tf.sum(layers, 1);
    return { shape: result.shape, values: result.dataSync<'float32'>() };
  });
}
