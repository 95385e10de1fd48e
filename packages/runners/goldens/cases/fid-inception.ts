import { inceptionV3Fid } from '@dualprior/blocks';
import { UserError, type NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { formulaValues } from '../formula.ts';
import { nchw, type Golden, type GoldenFamily } from '../golden.ts';
import { withOwnWeights } from './own-weights.ts';

const LAYERS: Record<string, string> = { b64: 'pool1', b192: 'pool2', b768: 'Mixed_6e', resized: 'resized' };
const SIDE = 299;

/** The case `fid_inception`: features of `images`, and of one image of 299x299 that the formula gives. */
export const fidInception: GoldenFamily = {
  knows: ({ manifest }) => String(manifest.config.arch).startsWith('pytorch-fid InceptionV3'),

  compute(golden) {
    const trunk = inceptionV3Fid();
    return withOwnWeights(golden, [trunk], () => {
      const names = [...Object.values(LAYERS), 'pool3'];
      const taps = trunk.taps(golden.image('images'), names);
      const found = new Map(names.map((name, i) => [name, taps[i]!]));
      return new Map(
        golden.outputs.map((output): [string, NdArray] => {
          if (output === 'pool2048') return [output, vectors(found.get('pool3')!)];
          if (output === 'pool2048_fid299') return [output, vectors(trunk.taps(largeImage(golden), ['pool3'])[0]!)];
          const [, block, what] = /^(\w+?)_(mean|corner)$/.exec(output) ?? [];
          const layer = found.get(LAYERS[block ?? ''] ?? '');
          if (!layer) throw new UserError(`There is nothing to compute the golden tensor "${output}" with.`);
          return [output, what === 'mean' ? array(tf.mean(layer, [1, 2])) : corner(layer, golden, output)];
        }),
      );
    });
  },
};

function vectors(pooled: Tensor4D): NdArray {
  return array(tf.squeeze(pooled, [1, 2]));
}

function array(tensor: tf.Tensor): NdArray {
  return { shape: tensor.shape, values: tensor.dataSync<'float32'>() };
}

/** The first channels, rows and columns, as many as the golden has. */
function corner(layer: Tensor4D, golden: Golden, output: string): NdArray {
  const [count, channels, height, width] = golden.manifest.tensors[output]!.shape as Tensor4D['shape'];
  return nchw(tf.slice(layer, [0, 0, 0, 0], [count, height, width, channels]));
}

/** `input:fid299`, which is not stored. */
function largeImage({ manifest }: Golden): Tensor4D {
  const values = formulaValues(`${manifest.key_prefix}input:fid299`, 3 * SIDE * SIDE);
  const nchwImage = tf.tensor4d(
    Float32Array.from(values, (v) => (v + 1) / 2),
    [1, 3, SIDE, SIDE],
  );
  return tf.transpose(nchwImage, [0, 2, 3, 1]);
}
