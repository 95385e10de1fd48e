import { ModulatedConv2d, Parameters, Random, type NdArray, type StateDict, type StateTensor } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { nchw, plain, scalar, type Golden, type GoldenFamily } from '../golden.ts';
import { projection } from './cotangent.ts';

interface Config {
  readonly in_channel: number;
  readonly out_channel: number;
  readonly style_dim: number;
}

/** One modulated convolution a case (`up_demod1`), with its gradients, and those of a number made of its gradients. */
export const modconv: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'rosinality ModulatedConv2d',
  compute: (golden) => new Map(caseNames(golden).flatMap((name) => computeCase(golden, name))),
};

function caseNames({ manifest }: Golden): string[] {
  return Object.keys(manifest.tensors).flatMap((name) => /^(\w+)\.x$/.exec(name)?.[1] ?? []);
}

function computeCase(golden: Golden, name: string): [string, NdArray][] {
  const layer = new ModulatedConv2d(options(golden, name));
  const parameters = new Parameters(layer, fixed(layer, golden, name));
  const [x, style, cotangent] = [golden.image(`${name}.x`), golden.tensor(`${name}.style`), golden.image(`${name}.R`)];
  const at = [x, style, parameters.vector] as Tensor[];
  const loss = (image: Tensor, w: Tensor, vector: Tensor) => {
    const output = parameters.use(() => layer.forward(image as Tensor4D, w as Tensor2D), vector as Tensor1D);
    return projection(output, cotangent);
  };
  const weightOfStyle = name.startsWith('tiny') ? 1e-6 : 1;
  const squares = (...inputs: Tensor[]): Scalar => {
    const [ofImage, ofStyle] = tf.grads(loss as (...xs: Tensor[]) => Tensor)(inputs);
    return tf.mul(1000, tf.add(sumOfSquares(ofImage!), tf.mul(weightOfStyle, sumOfSquares(ofStyle!))));
  };
  const named = (prefix: string, gradients: Tensor[]): [string, NdArray][] => [
    [`${name}.${prefix}.x`, nchw(gradients[0]!)],
    [`${name}.${prefix}.style`, plain(gradients[1]!)],
    ...[...parameters.stateDict(gradients[2] as Tensor1D)].map(([key, tensor]): [string, NdArray] => [
      `${name}.${prefix}.${key}`,
      tensor,
    ]),
  ];
  const results: [string, NdArray][] = [
    [`${name}.out`, nchw(parameters.use(() => layer.forward(x, style as Tensor2D)))],
    ...named('grad', tf.grads(loss as (...xs: Tensor[]) => Tensor)(at)),
    [`${name}.second.q`, scalar(squares(...at))],
    ...named('second', tf.grads(squares)(at)),
  ];
  parameters.dispose();
  return results;
}

function sumOfSquares(tensor: Tensor): Scalar {
  return tf.sum(tf.square(tensor));
}

function options({ manifest }: Golden, name: string): ConstructorParameters<typeof ModulatedConv2d>[0] {
  const config = manifest.config as unknown as Config;
  const [kind, demodulation] = name.split('_demod');
  return {
    inputs: config.in_channel,
    outputs: config.out_channel,
    styleWidth: config.style_dim,
    kernel: manifest.tensors[`${name}.weight`]!.shape.at(-1)!,
    demodulate: demodulation === '1',
    ...((kind === 'up' || kind === 'down') && { resample: kind }),
  };
}

/** The given weights, and the blur, which is the layer's own. */
function fixed(layer: ModulatedConv2d, golden: Golden, name: string): StateDict {
  const given = [...layer.parameters().keys()].map((key): [string, StateTensor] => {
    const { shape, values } = golden.array(`${name}.${key}`);
    return [key, { shape, values: Float32Array.from(values as Float32Array) }];
  });
  const own = [...layer.buffers()].map(([key, { shape, initial }]): [string, StateTensor] => {
    return [key, { shape, values: initial(shape, new Random(0).stream(key)) }];
  });
  return new Map([...given, ...own]);
}
